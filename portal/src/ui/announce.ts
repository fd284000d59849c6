// What screen readers are told without a move of the focus.
import { createStore, useStore } from "../data/store";

/** The number tells two equal texts apart, so that the second is read out as well. */
const said = createStore({ text: "", number: 0 });

/** Have the text read out, when the screen reader has finished what it is reading. */
export function announce(text: string): void {
  said.set({ text, number: said.get().number + 1 });
}

/** Return what is to be read out. */
export const useAnnouncement = () => useStore(said);
