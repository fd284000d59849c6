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
      title="Stop sending?"
      cancel="Keep sending"
      onCancel={() => onClose(false)}
      confirm="Stop sending"
      confirming="Stopping…"
      onConfirm={stop}
    >
      <p>
        {run.queued > 0
          ? `${count(run.queued, "SMS", "SMS")} ${run.queued === 1 ? "hasn’t" : "haven’t"} gone yet and will be cancelled.`
          : "Any SMS that haven’t gone yet will be cancelled."}{" "}
        SMS already sent can’t be taken back.
      </p>
      <p>Recalls still due stay in Recalls, so you can send them again.</p>
    </ConfirmDialog>
  );
}
