// What the frame shows over the page at somebody's wish: the shortcuts, or the command menu.
import { createStore, useStore } from "../../data/store";

export type Over = "shortcuts" | "commands" | null;

const over = createStore<Over>(null);

/** Show it, or with null nothing. */
export const showOver = over.set;
/** Return what is shown, or about to be. */
export const currentOver = over.get;
/** Return what is shown over the page. */
export const useOver = (): Over => useStore(over);
