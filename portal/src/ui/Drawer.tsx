// A panel at the side of the page.
import { Overlay, type OverlayProps } from "./Overlay";

/** A panel at the side, which keeps the list in view. */
export function Drawer(overlay: OverlayProps) {
  return <Overlay {...overlay} overlayClass="overlay overlay-side" sheetClass="sheet sheet-side" />;
}
