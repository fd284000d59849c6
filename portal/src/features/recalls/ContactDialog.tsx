// Records calls or letters for the selected recalls, with a note.
import { useEffect, useRef, useState } from "react";

import { Failure } from "../../api/errors";
import { mutate } from "../../api/operations";
import { RecordContactDocument } from "../../gql/graphql";
import { count, nameText } from "../../text/format";
import { Dialog } from "../../ui/Dialog";
import { TextArea } from "../../ui/Field";
import { Notice } from "../../ui/Notice";
import { useAction } from "../../ui/use-action";
import { recallText } from "./recall-facts";
import type { Selected } from "./selection";

interface Props {
  kind: "PHONE" | "LETTER";
  recalls: readonly Selected[];
  /** How many of the selected it can't be recorded for. */
  leftOut: number;
  onClose: () => void;
  /** Called with the recalls that were recorded, so that after a failure only the others remain. */
  onRecorded: (ids: readonly string[]) => void;
}

const WORDS = {
  PHONE: { what: "call", hint: "Optional – who you spoke to, or “left message”" },
  LETTER: { what: "letter", hint: "Optional" },
} as const;

/** Asks for a note, and records the calls or letters; closing it ends that, after the one begun. */
export function ContactDialog({ kind, recalls, leftOut, onClose, onRecorded }: Props) {
  const [note, setNote] = useState("");
  const [done, setDone] = useState(0);
  const action = useAction();
  // A retry after a lost answer uses the same keys, so nothing is recorded twice.
  const [key] = useState(() => crypto.randomUUID());
  const closed = useRef(false);
  useEffect(
    () => () => {
      closed.current = true;
    },
    [],
  );
  // As they were at the beginning: those recorded are deselected meanwhile.
  const [all] = useState(recalls);
  const { what, hint } = WORDS[kind];
  const record = () =>
    action.run(async () => {
      const recorded: string[] = [];
      try {
        for (const { id } of all.slice(done)) {
          // oxlint-disable-next-line typescript/no-unnecessary-condition -- closed meanwhile
          if (closed.current) return;
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
          setDone((before) => before + 1);
        }
      } finally {
        onRecorded(recorded);
      }
      onClose();
    });
  const left = all.length - done;
  return (
    <Dialog title={kind === "PHONE" ? "Record call" : "Record letter"} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void record();
        }}
      >
        <p>{all.length === 1 && all[0] ? recallText(all[0]) : namesOf(all)}</p>
        {leftOut > 0 && (
          <p className="quiet">
            {leftOut.toLocaleString("en-AU")} left out: closed, or the patient is inactive or
            deceased.
          </p>
        )}
        <TextArea
          label="Note"
          hint={hint}
          // Typing starts here, not at the close button.
          autoFocus
          value={note}
          onChange={setNote}
          maxLength={500}
        />
        <Notice>{action.error}</Notice>
        <div className="buttons">
          <button type="submit" className="primary" aria-disabled={action.busy || undefined}>
            Record {left === 1 ? what : count(left, what)}
          </button>
          <button type="button" onClick={onClose}>
            {action.busy && all.length > 1 ? "Stop" : "Cancel"}
          </button>
        </div>
        {all.length > 1 && (action.busy || done > 0) && (
          <p className="recorded">
            <progress aria-label="Recorded" max={all.length} value={done} />
            Recorded {done.toLocaleString("en-AU")} of {all.length.toLocaleString("en-AU")}
          </p>
        )}
      </form>
    </Dialog>
  );
}

const namesOf = (recalls: readonly Selected[]): string =>
  `For ${count(recalls.length, "recall")}: ${recalls
    .slice(0, 5)
    .map((each) => nameText(each.patient))
    .join(", ")}${recalls.length > 5 ? " …" : ""}`;
