// A value that the whole page shares, and its watchers. It imports nothing of ours, so that every
// folder may import it.
import { useSyncExternalStore } from "react";

export interface Store<Value> {
  get(): Value;
  /** Set the value, and tell the watchers if it is a different one. */
  set(value: Value): void;
  /** Call the watcher on every change; return a function that ends this. */
  subscribe(watcher: () => void): () => void;
}

/** Return a store that holds the value. */
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

/** Return the store's value, and render again when it changes. */
export function useStore<Value>({
  subscribe,
  get,
}: Pick<Store<Value>, "subscribe" | "get">): Value {
  return useSyncExternalStore(subscribe, get);
}
