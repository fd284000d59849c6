// A run as it comes on, over every reconnect, until it has finished.
import { useEffect, useMemo } from "react";
import { useSubscription } from "urql";

import { trusted } from "../../api/documents";
import { AGAIN } from "../../data/changes";
import { RunProgressDocument, type RunPartsFragment } from "../../gql/graphql";

const QUERY = trusted(RunProgressDocument);

/** Gives the run as it is now; `known` until the API has told. One that has finished isn't followed. */
export function useRunProgress<Run extends RunPartsFragment>(known: Run): Run | RunPartsFragment {
  const variables = useMemo(() => ({ id: known.id }), [known.id]);
  const [{ data, error }, execute] = useSubscription({
    query: QUERY,
    variables,
    pause: known.state === "FINISHED",
  });
  useEffect(() => {
    if (!error) return;
    const timer = setTimeout(execute, AGAIN);
    return () => clearTimeout(timer);
  }, [error, execute]);
  return known.state === "FINISHED" ? known : (data?.runProgress ?? known);
}
