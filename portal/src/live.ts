// Keeps what is on the screen as it is in the practice: asks anew when the API tells of a change.
import { useCallback, useEffect, useEffectEvent, useMemo, useRef } from "react";
import { type CombinedError, useQuery } from "urql";

import { client, trusted } from "./client";
import { type ChangeKind, ChangesDocument, type TypedDocumentString } from "./gql/graphql";

/** Milliseconds: what is shown is asked for anew no more often, however much changes. */
const REST = 1000;
/** Milliseconds after which a stream that failed is asked for again. */
export const AGAIN = 3000;

type Listener = (kinds: readonly ChangeKind[]) => void;
const listeners = new Set<Listener>();

/** Follows the practice's changes from now on; gives a function that ends it. */
export function follow(): () => void {
  const tell = (kinds: readonly ChangeKind[]) => {
    for (const listener of listeners) listener(kinds);
  };
  // A line that was down for a moment may have swallowed an answer, though the socket has survived.
  const everything = () => tell(["RECALLS", "BLOCKS", "RUNS", "SETUP"]);
  addEventListener("online", everything);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let following: { unsubscribe(): void } | undefined;
  const begin = () => {
    following?.unsubscribe();
    following = client.subscription(trusted(ChangesDocument), {}).subscribe(({ data, error }) => {
      if (data) tell(data.changes);
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
    const listener: Listener = (changed) => {
      if (timer || !changed.some((kind) => wanted.includes(kind))) return;
      timer = setTimeout(
        () => {
          timer = undefined;
          last = Date.now();
          refreshed();
        },
        Math.max(0, last + REST - Date.now()),
      );
    };
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      clearTimeout(timer);
    };
  }, [wanted]);
}

export interface Live<Data> {
  /** undefined until it is first known. */
  readonly data: Data | undefined;
  readonly error: CombinedError | undefined;
  readonly fetching: boolean;
  refresh(): void;
}

/** Reads a query and keeps it up to date with changes of these kinds. */
export function useLive<Data, Variables extends object>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
  kinds: readonly ChangeKind[],
  { pause = false } = {},
): Live<Data> {
  const query = useMemo(() => trusted(document), [document]);
  const [{ data, error, fetching, stale }, execute] = useQuery<Data, Variables>({
    query,
    variables,
    pause,
  } as never);
  // An answer under way isn't cut off: news that keeps coming would let none arrive. What changes
  // meanwhile is asked for after it.
  const asking = useRef({ underWay: false, again: false });
  asking.current.underWay = fetching || stale;
  const refresh = useCallback(() => {
    if (pause) return;
    if (asking.current.underWay) asking.current.again = true;
    else execute({ requestPolicy: "network-only" });
  }, [execute, pause]);
  useEffect(() => {
    if (asking.current.underWay || !asking.current.again) return;
    asking.current.again = false;
    refresh();
  });
  useChanges(kinds, refresh);
  return { data, error, fetching, refresh };
}
