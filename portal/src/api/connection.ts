// Whether the page hears from the API: by the browser's own word, and by the socket.
import { createStore, useStore } from "../data/store";

const connected = createStore(true);
/** Whether the socket is open; before it first is, nothing is wrong yet. */
let heard = true;

/** Says how the socket is. */
export function setHeard(value: boolean): void {
  heard = value;
}

/** Says whether the page hears from the API. */
export const setConnected = connected.set;

/** Tells whether the page hears from the API. */
export const useConnected = (): boolean => useStore(connected);

addEventListener("offline", () => connected.set(false));
addEventListener("online", () => connected.set(heard));
