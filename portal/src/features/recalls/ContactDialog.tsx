// Records calls or letters for the selected recalls, with a note.
import { useState } from "react";

import { Failure } from "../../api/errors";
import { mutate } from "../../api/operations";
import { RecordContactDocument } from "../../gql/graphql";
import { count, nameText } from "../../text/format";
import { Dialog } from "../../ui/Dialog";
import { TextArea } from "../../ui/Field";
import { Notice } from "../../ui/Notice";
import { useAction } from "../../ui/use-action";
import type { Selected } from "./selection";

interface Props {
  kind: "PHONE" | "LETTER";
  recalls: readonly Selected[];
  onClose: () => void;
  /** Called with the recalls that were recorded, so that after a failure only the others remain. */
  onRecorded: (ids: readonly string[]) => void;
}

/** Asks for a note, and records the calls or letters. */
export function ContactDialog({ kind, recalls, onClose, onRecorded }: Props) {
  const [note, setNote] = useState("");
  const action = useAction();
  // A retry after a lost answer uses the same keys, so nothing is recorded twice.
  const [key] = useState(() => crypto.randomUUID());
  const what = kind === "PHONE" ? "call" : "letter";
  const [only] = recalls;
  const record = () =>
    action.run(async () => {
      const recorded: string[] = [];
      try {
        for (const { id } of recalls) {
          const { recordContactAttempt: result } = await mutate(RecordContactDocument, {
            input: {
              recallId: id,
              kind,
              note: note.trim() || null,
              idempotencyKey: `${key} ${id}`,
            },
          });
          if (result.__typename === "UnknownRecalls") throw new Failure(result.message);
          recorded.push(id);
        }
      } finally {
        onRecorded(recorded);
      }
      onClose();
    });
  return (
    <Dialog title={kind === "PHONE" ? "Record a call" : "Record a letter"} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void record();
        }}
      >
        <p>
          {recalls.length === 1 && only
            ? `${nameText(only.patient)} · ${only.reason}`
            : `For ${count(recalls.length, "recall")}: ${recalls
                .slice(0, 5)
                .map((each) => nameText(each.patient))
                .join(", ")}${recalls.length > 5 ? " …" : ""}`}
        </p>
        <TextArea
          label="Note"
          hint={
            kind === "PHONE"
              ? "Whom you spoke to, or that you left a message. You may leave it empty."
              : "Anything worth knowing about the letter. You may leave it empty."
          }
          // Typing starts here, not at the close button.
          autoFocus
          value={note}
          onChange={setNote}
          maxLength={500}
        />
        <Notice>{action.error}</Notice>
        <div className="buttons">
          <button type="submit" className="primary" aria-disabled={action.busy || undefined}>
            Record {recalls.length === 1 ? `the ${what}` : count(recalls.length, what)}
          </button>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}
