// Typed text, remembered while the page is open; not in the URL, which must never contain names.
import { createStore, type Store, useStore } from "./store";

const memory = new Map<string, Store<string>>();

function storeOf(name: string): Store<string> {
  let store = memory.get(name);
  if (!store) memory.set(name, (store = createStore("")));
  return store;
}

/** Set the value that a screen has now, or begins with when it is next opened. */
export function remember(name: string, value: string): void {
  storeOf(name).set(value);
}

/** Return the value that was last set; "" if none was. */
export const remembered = (name: string): string => storeOf(name).get();

/** As `useState`, but the value is still there on return to the screen. */
export function useRemembered(name: string): [string, (value: string) => void] {
  const store = storeOf(name);
  return [useStore(store), store.set];
}
