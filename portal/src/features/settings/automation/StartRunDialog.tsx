// Confirms starting the automated run now, and starts it once, however often it is tried.
import { useState } from "react";

import { Failure } from "../../../api/errors";
import { mutate } from "../../../api/operations";
import { useViewer } from "../../../auth/viewer";
import { useNow } from "../../../data/use-now";
import { type AutomatedRunPreviewQuery, StartAutomatedRunDocument } from "../../../gql/graphql";
import { count, timeText, zoneName } from "../../../text/format";
import { ConfirmDialog } from "../../../ui/ConfirmDialog";
import { Notice } from "../../../ui/Notice";
import { watch } from "../../runs/watched";

export type RunPreview = AutomatedRunPreviewQuery["automatedRunPreview"];

interface Props {
  preview: RunPreview;
  onClose: () => void;
  onStarted: (runId: string) => void;
}

/** Return what the SMS are for, and their price: "for 12 recalls (charged as 14)". */
export function chargeText({ messages, recalls, segments }: RunPreview): string {
  const charged = segments === messages ? "" : ` (charged as ${segments.toLocaleString("en-AU")})`;
  return `for ${count(recalls, "recall")}${charged}`;
}

/** Return the warning that automation doesn't ask about consent. */
export function overriddenText(messages: number): string {
  return `${count(messages, "of these SMS goes to a patient", "of these SMS go to patients")} with “no SMS” on file, or whose consent we can’t read. Automatic sends don’t ask.`;
}

/** Asks whether to start the run now, and starts it. */
export function StartRunDialog({ preview, onClose, onStarted }: Props) {
  const { messages, overridden, refusals } = preview;
  const { timeZone } = useViewer().practice;
  const now = useNow();
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
      title={messages === 0 ? "Start a run now?" : `Send ${count(messages, "SMS", "SMS")} now?`}
      cancel="Cancel"
      onCancel={onClose}
      confirm="Send now"
      confirming="Starting…"
      tone="primary"
      onConfirm={start}
    >
      {messages === 0 ? (
        <p>Nothing would be sent.</p>
      ) : (
        <p>
          This is {chargeText(preview)}. It’s {timeText(now, timeZone)} in {zoneName(timeZone)}.
        </p>
      )}
      {overridden > 0 && <Notice kind="warning">{overriddenText(overridden)}</Notice>}
      {refused > 0 && <p>{count(refused, "recall")} can’t get an SMS.</p>}
      <p>You can stop it part-way in Sent messages.</p>
    </ConfirmDialog>
  );
}
