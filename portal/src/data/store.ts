// A value that the whole page shares, and whoever watches it. It imports nothing of ours, so that every room may.
import { useSyncExternalStore } from "react";

export interface Store<Value> {
  get(): Value;
  /** Tells the watchers, where it is another value. */
  set(value: Value): void;
  /** Calls the watcher on every change; gives a function that ends it. */
  subscribe(watcher: () => void): () => void;
}

/** Makes a store that holds the value. */
export function createStore<Value>(first: Value): Store<Value> {
  let value = first;
  const watchers = new Set<() => void>();
  return {
    get: () => value,
    set: (next) => {
      if (Object.is(next, value)) return;
      value = next;
      for (const watcher of watchers) watcher();
    },
    subscribe: (watcher) => {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
  };
}

/** Gives what the store holds, and draws again when that changes. */
export function useStore<Value>({
  subscribe,
  get,
}: Pick<Store<Value>, "subscribe" | "get">): Value {
  return useSyncExternalStore(subscribe, get);
}
