// Confirms starting the automated run now, and starts it once, however often it is tried.
import { useState } from "react";

import { Failure } from "../../../api/errors";
import { mutate } from "../../../api/operations";
import { type AutomatedRunPreviewQuery, StartAutomatedRunDocument } from "../../../gql/graphql";
import { count } from "../../../text/format";
import { ConfirmDialog } from "../../../ui/ConfirmDialog";
import { watch } from "../../runs/watched";

export type RunPreview = AutomatedRunPreviewQuery["automatedRunPreview"];

interface Props {
  preview: RunPreview;
  onClose: () => void;
  onStarted: (runId: string) => void;
}

/** Asks whether to start the run now, and starts it. */
export function StartRunDialog({ preview, onClose, onStarted }: Props) {
  const { messages, recalls, segments, refusals } = preview;
  // One key for each opening of the dialog: a retry after a lost connection starts nothing twice.
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const refused = refusals.reduce((sum, refusal) => sum + refusal.count, 0);
  async function start() {
    const variables = { input: { idempotencyKey } };
    const { startAutomatedRun: run } = await mutate(StartAutomatedRunDocument, variables);
    if (run.__typename !== "Run") throw new Failure(run.message);
    watch([run]);
    onStarted(run.id);
  }
  return (
    <ConfirmDialog
      title="Start a run now?"
      cancel="Cancel"
      onCancel={onClose}
      confirm="Start the run"
      confirming="Starting…"
      tone="primary"
      onConfirm={start}
    >
      {messages === 0 ? (
        <p>As things stand, no message would go.</p>
      ) : (
        <p>
          <strong>{count(messages, "message")}</strong> for {count(recalls, "recall")}, in{" "}
          {count(segments, "segment")}, {messages === 1 ? "goes" : "go"} to patients at once,
          whatever the hour.
        </p>
      )}
      {refused > 0 && <p>{count(refused, "recall")} can’t go by SMS.</p>}
      <p>On the run’s page you can stop what isn’t sent yet.</p>
    </ConfirmDialog>
  );
}
