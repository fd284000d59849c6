// Keeps the screen up to date: queries again when the API reports a change.
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef } from "react";
import { type CombinedError, createRequest, useQuery } from "urql";

import { trusted } from "../api/documents";
import type { ChangeKind, TypedDocumentString } from "../gql/graphql";
import { holdAnswer, lastAnswer } from "./answers";
import { useChanges } from "./changes";

export interface LiveQuery<Data> {
  /** undefined until first known. */
  readonly data: Data | undefined;
  readonly error: CombinedError | undefined;
  readonly fetching: boolean;
  refresh(): void;
}

/**
 * Run a query and keep its data up to date with changes of these kinds. What it answered the last
 * time is shown until it has answered again.
 */
export function useLiveQuery<Data, Variables extends object>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
  kinds: readonly ChangeKind[],
  { pause = false } = {},
): LiveQuery<Data> {
  const query = useMemo(() => trusted(document), [document]);
  const [{ data: read, operation, error, fetching, stale }, execute] = useQuery<Data, Variables>({
    query,
    variables,
    pause,
  } as never);
  const { key } = createRequest(query, variables as never);
  // Otherwise it is the answer to the previous variables, or there is none yet.
  const isAnswer = operation?.key === key;
  const data = isAnswer ? read : ((lastAnswer(key) as Data | undefined) ?? read);
  useEffect(() => {
    if (isAnswer && read) holdAnswer(key, read);
  }, [isAnswer, key, read]);
  // A request in progress isn't cut off, because no answer would arrive while changes keep coming.
  // Changes meanwhile are fetched after it.
  const request = useRef({ inProgress: false, again: false });
  useLayoutEffect(() => {
    request.current.inProgress = fetching || stale;
  });
  const refresh = useCallback(() => {
    if (pause) return;
    if (request.current.inProgress) request.current.again = true;
    else execute();
  }, [execute, pause]);
  useEffect(() => {
    if (request.current.inProgress || !request.current.again) return;
    request.current.again = false;
    refresh();
  });
  useChanges(kinds, refresh);
  return { data, error, fetching, refresh };
}
