// Asks before a run is stopped.
import { change, Failure } from "../client";
import { count } from "../format";
import { type RunPartsFragment, StopRunDocument } from "../gql/graphql";
import { Notice } from "../parts/Notice";
import { Sheet } from "../parts/Sheet";
import { useAction } from "../parts/use-action";

interface Props {
  run: RunPartsFragment;
  onClose: (stopped: boolean) => void;
}

export function StopSheet({ run, onClose }: Props) {
  const { busy, error, run: act } = useAction();
  const stop = () =>
    act(async () => {
      const { stopRun } = await change(StopRunDocument, { input: { runId: run.id } });
      if (stopRun.__typename !== "Run") throw new Failure(stopRun.message);
      onClose(true);
    });
  return (
    <Sheet title="Stop this run?" role="alertdialog" onClose={() => onClose(false)}>
      <p>
        What still waits is cancelled
        {run.queued > 0 && `: ${count(run.queued, "message")} as it stands now`}. What was handed
        over already isn’t: it can’t be taken back.
      </p>
      <p>Its recalls that are still due stay in the recall list, to be sent again.</p>
      <Notice>{error}</Notice>
      <div className="buttons">
        <button
          type="button"
          className="danger"
          aria-disabled={busy || undefined}
          onClick={() => void stop()}
        >
          {busy ? "Stopping…" : "Stop this run"}
        </button>
        <button type="button" onClick={() => onClose(false)}>
          Let it go on
        </button>
      </div>
    </Sheet>
  );
}
