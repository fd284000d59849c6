// Whether single keys are shortcuts, which somebody who speaks to the computer may not want. It is
// remembered by the browser.
import { createStore, useStore } from "../../data/store";

const NAME = "recalls.single-keys";
const OFF = "off";

const on = createStore(localStorage.getItem(NAME) !== OFF);

/** Turn the shortcuts that are single keys on or off. */
export function setSingleKeys(next: boolean): void {
  if (next) localStorage.removeItem(NAME);
  else localStorage.setItem(NAME, OFF);
  on.set(next);
}
/** Return whether they are on. */
export const singleKeys = on.get;
/** Return whether they are on, and render again when that changes. */
export const useSingleKeys = (): boolean => useStore(on);
