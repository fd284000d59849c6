// Keeps what is on the screen as it is in the practice: asks anew when the API tells of a change.
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef } from "react";
import { type CombinedError, useQuery } from "urql";

import { trusted } from "../api/documents";
import type { ChangeKind, TypedDocumentString } from "../gql/graphql";
import { useChanges } from "./changes";

export interface LiveQuery<Data> {
  /** undefined until it is first known. */
  readonly data: Data | undefined;
  readonly error: CombinedError | undefined;
  readonly fetching: boolean;
  refresh(): void;
}

/** Reads a query and keeps it up to date with changes of these kinds. */
export function useLiveQuery<Data, Variables extends object>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
  kinds: readonly ChangeKind[],
  { pause = false } = {},
): LiveQuery<Data> {
  const query = useMemo(() => trusted(document), [document]);
  const [{ data, error, fetching, stale }, execute] = useQuery<Data, Variables>({
    query,
    variables,
    pause,
  } as never);
  // An answer under way isn't cut off: news that keeps coming would let none arrive. What changes
  // meanwhile is asked for after it.
  const asking = useRef({ underWay: false, again: false });
  useLayoutEffect(() => {
    asking.current.underWay = fetching || stale;
  });
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
