// Asks before the automated run is started now, and starts it once, however often it is tried.
import { useState } from "react";

import { change, Failure } from "../client";
import { type AutomatedRunPreviewQuery, StartAutomatedRunDocument } from "../gql/graphql";
import { count } from "../format";
import { Notice } from "../parts/Notice";
import { Sheet } from "../parts/Sheet";
import { useAction } from "../parts/use-action";
import { watch } from "../runs/watched";

export type RunPreview = AutomatedRunPreviewQuery["automatedRunPreview"];

interface Props {
  preview: RunPreview;
  onClose: () => void;
  onStarted: (runId: string) => void;
}

export function StartRun({ preview, onClose, onStarted }: Props) {
  const { messages, recalls, segments, refusals } = preview;
  const action = useAction();
  // One for each time it is asked: trying again after a cut line starts nothing twice.
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const refused = refusals.reduce((sum, refusal) => sum + refusal.count, 0);
  const start = () =>
    action.run(async () => {
      const variables = { input: { idempotencyKey } };
      const { startAutomatedRun: run } = await change(StartAutomatedRunDocument, variables);
      if (run.__typename !== "Run") throw new Failure(run.message);
      watch([run]);
      onStarted(run.id);
    });
  return (
    <Sheet title="Start a run now?" role="alertdialog" onClose={onClose}>
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
      <Notice>{action.error}</Notice>
      <div className="buttons">
        <button type="button" autoFocus onClick={onClose}>
          Cancel
        </button>
        <button type="button" className="primary" aria-disabled={action.busy} onClick={start}>
          {action.busy ? "Starting…" : "Start the run"}
        </button>
      </div>
    </Sheet>
  );
}
