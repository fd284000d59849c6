// A dialog in the middle of the page.
import { Overlay, type OverlayProps } from "./Overlay";

interface Props extends OverlayProps {
  /** Hides what is under it. */
  cover?: boolean;
}

/** A dialog over everything, in the middle of the page. */
export function Dialog({ cover = false, ...overlay }: Props) {
  return (
    <Overlay
      {...overlay}
      overlayClass={cover ? "overlay overlay-cover" : "overlay"}
      sheetClass="sheet"
    />
  );
}
