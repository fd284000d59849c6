// Records calls or letters for the selected recalls, with a note.
import { useEffect, useRef, useState } from "react";

import { Failure } from "../../api/errors";
import { mutate } from "../../api/operations";
import { RecordContactsDocument, type RecallTab } from "../../gql/graphql";
import { count, nameText } from "../../text/format";
import { Dialog } from "../../ui/Dialog";
import { TextArea } from "../../ui/Field";
import { Notice } from "../../ui/Notice";
import { showToast } from "../../ui/toasts";
import { useAction } from "../../ui/use-action";
import { recallText } from "./recall-facts";
import type { Selected } from "./selection";
import { undoContacts } from "./undo";

/** Recalls that are recorded in one request: few, so that Stop comes soon after. */
const BATCH = 100;

interface Props {
  /** The tab that the recalls were picked from: nothing is recorded for one that has left it. */
  tab: RecallTab;
  kind: "PHONE" | "LETTER";
  recalls: readonly Selected[];
  /** How many of the selected it can't be recorded for. */
  leftOut: number;
  onClose: () => void;
  /** Called with the recalls that were dealt with, so that after a failure only the others remain. */
  onRecorded: (ids: readonly string[]) => void;
}

const WORDS = {
  PHONE: {
    what: "call",
    done: "Call recorded",
    hint: "Optional – who you spoke to, or “left message”",
  },
  LETTER: { what: "letter", done: "Letter recorded", hint: "Optional" },
} as const;

/** Asks for a note, and records the calls or letters; closing it stops that. */
export function ContactDialog({ tab, kind, recalls, leftOut, onClose, onRecorded }: Props) {
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
  const attempts = useRef<string[]>([]);
  const record = () =>
    action.run(async () => {
      const recorded: string[] = [];
      let gone = 0;
      try {
        for (let from = done; from < all.length; from += BATCH) {
          // oxlint-disable-next-line typescript/no-unnecessary-condition -- closed meanwhile
          if (closed.current) break;
          const recallIds = all.slice(from, from + BATCH).map(({ id }) => id);
          const { recordContactAttempts: result } = await mutate(RecordContactsDocument, {
            input: {
              recallIds,
              kind,
              note: note.trim() || null,
              tab,
              idempotencyKey: `${key} ${from}`,
            },
          });
          if (result.__typename === "UnknownRecalls") throw new Failure(result.message);
          attempts.current.push(...result.attempts.map(({ id }) => id));
          gone += result.leftOut.length;
          recorded.push(...recallIds);
          setDone(from + recallIds.length);
        }
      } finally {
        tell(kind, all, attempts.current, gone);
        attempts.current = [];
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

/** Say what was recorded, and for how many nothing, with a way back. */
function tell(
  kind: Props["kind"],
  all: readonly Selected[],
  attempts: readonly string[],
  gone: number,
) {
  const { what, done } = WORDS[kind];
  const left = gone
    ? `${gone === 1 && all.length === 1 ? "Not recorded" : `${count(gone, "recall")} left out`}: someone else has dealt with ${gone === 1 ? "it" : "them"}`
    : "";
  if (!attempts.length) {
    if (left) showToast(left);
    return;
  }
  const one = all.length === 1 && all[0];
  const told = one
    ? `${done} for ${nameText(one.patient)}`
    : `${count(attempts.length, what)} recorded`;
  showToast([told, left].filter(Boolean).join(". "), () => undoContacts(attempts));
}

const namesOf = (recalls: readonly Selected[]): string =>
  `For ${count(recalls.length, "recall")}: ${recalls
    .slice(0, 5)
    .map((each) => nameText(each.patient))
    .join(", ")}${recalls.length > 5 ? " …" : ""}`;
