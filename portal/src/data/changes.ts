// News of the practice: the API says which kinds of things have changed, and who shows them asks anew.
import { useEffect, useEffectEvent } from "react";

import { client } from "../api/client";
import { trusted } from "../api/documents";
import { type ChangeKind, ChangesDocument } from "../gql/graphql";
import { createStore } from "./store";

/** Milliseconds: what is shown is asked for anew no more often, however much changes. */
const REST = 1000;
/** Milliseconds after which a stream that failed is asked for again. */
export const AGAIN = 3000;

/** The kinds that changed last. */
const changed = createStore<readonly ChangeKind[]>([]);

/** Follows the practice's changes from now on; gives a function that ends it. */
export function follow(): () => void {
  // A line that was down for a moment may have swallowed an answer, though the socket has survived.
  const everything = () => changed.set(["RECALLS", "BLOCKS", "RUNS", "SETUP"]);
  addEventListener("online", everything);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let following: { unsubscribe(): void } | undefined;
  const begin = () => {
    following?.unsubscribe();
    following = client.subscription(trusted(ChangesDocument), {}).subscribe(({ data, error }) => {
      if (data) changed.set([...data.changes]);
      // It ends with an error where the API itself can't hear: it is asked again, and tells all.
      if (error) timer = setTimeout(begin, AGAIN);
    });
  };
  begin();
  return () => {
    removeEventListener("online", everything);
    clearTimeout(timer);
    following?.unsubscribe();
  };
}

/** Calls `refresh` when something of these kinds has changed, at once and then no more than once a second. */
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
        Math.max(0, last + REST - Date.now()),
      );
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [wanted]);
}
