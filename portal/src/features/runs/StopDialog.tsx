// Confirms stopping a run.
import { Failure } from "../../api/errors";
import { mutate } from "../../api/operations";
import { type RunPartsFragment, StopRunDocument } from "../../gql/graphql";
import { count } from "../../text/format";
import { ConfirmDialog } from "../../ui/ConfirmDialog";

interface Props {
  run: RunPartsFragment;
  onClose: (stopped: boolean) => void;
}

/** Asks whether to stop the run, and stops it. */
export function StopDialog({ run, onClose }: Props) {
  async function stop() {
    const { stopRun } = await mutate(StopRunDocument, { input: { runId: run.id } });
    if (stopRun.__typename !== "Run") throw new Failure(stopRun.message);
    onClose(true);
  }
  return (
    <ConfirmDialog
      title="Stop this run?"
      cancel="Let it go on"
      onCancel={() => onClose(false)}
      confirm="Stop this run"
      confirming="Stopping…"
      onConfirm={stop}
    >
      <p>
        What still waits is cancelled
        {run.queued > 0 && `: ${count(run.queued, "message")} as it stands now`}. What was handed
        over already isn’t: it can’t be taken back.
      </p>
      <p>Its recalls that are still due stay in the recall list, to be sent again.</p>
    </ConfirmDialog>
  );
}
