// The practice's changes: the API reports which kinds of things changed, and screens refetch them.
import { useEffect, useEffectEvent } from "react";

import { client } from "../api/client";
import { trusted } from "../api/documents";
import { type ChangeKind, ChangesDocument } from "../gql/graphql";
import { createStore } from "./store";

/** Milliseconds between two refreshes of a screen, at least, however much changes. */
const REFRESH_INTERVAL = 1000;
/** Milliseconds before subscribing again after an error. */
export const RETRY_DELAY = 3000;

/** The kinds in the latest change. */
const changed = createStore<readonly ChangeKind[]>([]);

/** Follow the practice's changes; return a function that ends this. */
export function follow(): () => void {
  // A short outage may have lost a message even if the socket survived it.
  const everything = () => changed.set(["RECALLS", "BLOCKS", "RUNS", "SETUP"]);
  addEventListener("online", everything);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let following: { unsubscribe(): void } | undefined;
  const begin = () => {
    following?.unsubscribe();
    following = client.subscription(trusted(ChangesDocument), {}).subscribe(({ data, error }) => {
      if (data) changed.set([...data.changes]);
      // It ends with an error if the API's change feed fails; a new one begins by reporting all.
      if (error) timer = setTimeout(begin, RETRY_DELAY);
    });
  };
  begin();
  return () => {
    removeEventListener("online", everything);
    clearTimeout(timer);
    following?.unsubscribe();
  };
}

/** Call `refresh` when one of these kinds has changed: at once, then at most once a second. */
export function useChanges(kinds: readonly ChangeKind[], refresh: () => void): void {
  const refreshed = useEffectEvent(refresh);
  const wanted = kinds.join();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last = 0;
    const stop = changed.subscribe(() => {
      if (timer || !changed.get().some((kind) => wanted.includes(kind))) return;
      timer = setTimeout(
        () => {
          timer = undefined;
          last = Date.now();
          refreshed();
        },
        Math.max(0, last + REFRESH_INTERVAL - Date.now()),
      );
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [wanted]);
}
