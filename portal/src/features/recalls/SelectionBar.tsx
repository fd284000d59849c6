// The actions for the selected recalls, and what an SMS send would do, before it happens.
import { useId, useState } from "react";

import { count } from "../../text/format";
import { REASON } from "../../text/words";
import { Notice } from "../../ui/Notice";
import { handsFocusOn } from "../../ui/focus";
import { CloseIcon } from "../../ui/icons";
import { MessagePreview } from "./MessagePreview";
import type { Selection } from "./use-selection";
import type { Count, Preview } from "./use-send-preview";
import type { Sending } from "./use-sending";

interface Props {
  selection: Selection;
  preview: Preview;
  sending: Sending;
  onContact: (kind: "PHONE" | "LETTER") => void;
  onCloseRecalls: () => void;
}

/** The bar at the bottom of the window while something is selected. */
export function SelectionBar({ selection, preview, sending, onContact, onCloseRecalls }: Props) {
  const [shown, setShown] = useState(false);
  const why = useId();
  const { recalls } = selection;
  const selected = recalls.size;
  const canSend = preview.sendable && !sending.busy;
  return (
    <section aria-label="Selected recalls" className="bar" ref={handsFocusOn}>
      <div className="bar-told" id={why} role="status">
        <strong>{selected.toLocaleString("en-AU")} selected</strong>{" "}
        <Summary preview={preview} recalls={recalls} />
      </div>
      <div className="row">
        <button
          type="button"
          className="primary"
          aria-disabled={!canSend}
          aria-describedby={why}
          onClick={() => {
            // `aria-disabled` alone doesn't keep a press from getting here.
            if (canSend) sending.start();
          }}
        >
          SMS{preview.messages ? ` ${preview.messages.toLocaleString("en-AU")}` : ""}
        </button>
        <button type="button" onClick={() => onContact("PHONE")}>
          Called
        </button>
        <button type="button" onClick={() => onContact("LETTER")}>
          Letter
        </button>
        <button type="button" onClick={onCloseRecalls}>
          No further action
        </button>
        {preview.drafts.length > 0 && (
          <button
            type="button"
            className="plain"
            aria-expanded={shown}
            onClick={() => setShown(!shown)}
          >
            Preview
          </button>
        )}
        <button
          type="button"
          className="plain icon"
          aria-label="Clear the selection"
          onClick={selection.clear}
        >
          <CloseIcon />
        </button>
      </div>
      {shown && <MessagePreview drafts={preview.drafts} />}
      <Notice>{sending.asking ? "" : sending.error || preview.error}</Notice>
    </section>
  );
}

function Summary({ preview, recalls }: { preview: Preview; recalls: Selection["recalls"] }) {
  const { messages, segments, refusals, toConfirm, skipped, sendable, runs } = preview;
  const [only] = recalls.size === 1 ? recalls.values() : [];
  if (!sendable) {
    const reason = only?.smsStatus.message ?? reasons(refusals);
    const busy =
      skipped > 0 ? `${count(skipped, "recall")} closed or with a message on its way` : "";
    // Only for blocked numbers, and not if a patient has died; other advice is in the rule's text.
    const call =
      refusals.some((each) => each.reason === "BLOCKED_COMMUNICATION") &&
      !refusals.some((each) => each.reason === "PATIENT_DECEASED");
    return (
      <span>
        No SMS can be sent: {[reason, busy].filter(Boolean).join("; ")}.
        {call && " Call or write instead."}
      </span>
    );
  }
  return (
    <span>
      {messages !== null && segments !== null && (
        <>
          {count(messages, "message")} {toConfirm.length > 0 ? "can" : "will"} be sent (
          {count(segments, "segment")}){runs > 1 && `, in ${runs} runs`}.{" "}
        </>
      )}
      {refusals.length > 0 && <>Can’t be sent: {reasons(refusals)}. </>}
      {toConfirm.length > 0 && <>You’ll be asked first about: {reasons(toConfirm)}. </>}
      {skipped > 0 && (
        <>
          Left out: {count(skipped, "recall")} closed or with a message on{" "}
          {skipped === 1 ? "its" : "their"} way.
        </>
      )}
    </span>
  );
}

/** Return "Blocked Recalls (3), No mobile number (1)". */
const reasons = (counts: readonly Count[]): string =>
  counts.map((each) => `${REASON[each.reason]} (${each.count.toLocaleString("en-AU")})`).join(", ");
