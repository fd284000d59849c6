// A run's live progress, across reconnects, until it has finished.
import { useEffect, useMemo } from "react";
import { useSubscription } from "urql";

import { trusted } from "../../api/documents";
import { RETRY_DELAY } from "../../data/changes";
import { RunProgressDocument, type RunPartsFragment } from "../../gql/graphql";

const QUERY = trusted(RunProgressDocument);

/** Return the run as it is now, or `known` until the API answers. A finished run isn't followed. */
export function useRunProgress<Run extends RunPartsFragment>(known: Run): Run | RunPartsFragment {
  const variables = useMemo(() => ({ id: known.id }), [known.id]);
  const [{ data, error }, execute] = useSubscription({
    query: QUERY,
    variables,
    pause: known.state === "FINISHED",
  });
  useEffect(() => {
    if (!error) return;
    const timer = setTimeout(execute, RETRY_DELAY);
    return () => clearTimeout(timer);
  }, [error, execute]);
  return known.state === "FINISHED" ? known : (data?.runProgress ?? known);
}
