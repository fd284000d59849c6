// Whether the API can be reached, judging by the browser and by the socket.
import { createStore, useStore } from "../data/store";

const connected = createStore(true);
/** Whether the socket is fine; true until it first fails. */
let socketOk = true;

/** Set whether the socket is fine. */
export function setSocketOk(value: boolean): void {
  socketOk = value;
}

/** Set whether the API can be reached. */
export const setConnected = connected.set;

/** Return whether the API can be reached. */
export const useConnected = (): boolean => useStore(connected);

addEventListener("offline", () => connected.set(false));
addEventListener("online", () => connected.set(socketOk));
