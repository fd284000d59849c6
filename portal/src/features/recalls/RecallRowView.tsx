// One recall in the list: who, what, the mobile, when it is due, the last contact, what can be done.
import { memo, useId, useRef } from "react";

import { useViewer } from "../../auth/viewer";
import { dateText, daysBetween, dueText, nameText, today } from "../../text/format";
import { STATE } from "../../text/words";
import { LastContact } from "./LastContact";
import { Mobile } from "./Mobile";
import { RowActions } from "./RowActions";
import { ageOn, type Contact, isUrgent } from "./recall-facts";
import type { RecallRow } from "./use-recall-list";

interface Props {
  recall: RecallRow;
  index: number;
  /** Whether the keyboard is at this row. */
  active: boolean;
  selected: boolean;
  /** Pixels from the top of the list. */
  top: number;
  onPress: (index: number, range: boolean) => void;
  onOpen: (recall: RecallRow) => void;
  onAct: (what: Contact, recall: RecallRow) => void;
}

/** The cells that say what the row is about, in the order in which they are read out. */
const TOLD = ["patient", "recall", "mobile", "due", "last"] as const;

/** One row of the recall list, rendered again only if it has changed. */
export const RecallRowView = memo(function RecallRowView({
  recall,
  index,
  active,
  selected,
  top,
  onPress,
  onOpen,
  onAct,
}: Props) {
  const { timeZone } = useViewer().practice;
  const { patient, category } = recall;
  const range = useRef(false);
  const id = useId();
  const tabIndex = active ? 0 : -1;
  const day = today(timeZone);
  const name = nameText(patient);
  const due = recall.state === "TO_ACTION";
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      aria-labelledby={TOLD.map((cell) => `${id}${cell}`).join(" ")}
      data-index={index}
      tabIndex={tabIndex}
      className={due ? "grid-row" : "grid-row grid-row-not-due"}
      style={{ transform: `translateY(${top}px)` }}
      onClick={(event) => {
        if ((event.target as Element).closest("button, input, label")) return;
        if (!event.shiftKey && !event.ctrlKey && !event.metaKey) return onOpen(recall);
        getSelection()?.removeAllRanges();
        onPress(index, event.shiftKey);
      }}
    >
      <span role="gridcell" aria-colindex={1} className="cell-check">
        <label>
          <input
            type="checkbox"
            tabIndex={tabIndex}
            aria-label={`Select ${name}, ${recall.reason}`}
            checked={selected}
            onClick={(event) => {
              range.current = event.shiftKey;
            }}
            onChange={() => onPress(index, range.current)}
          />
        </label>
      </span>
      <span role="gridcell" aria-colindex={2} className="cell cell-patient" id={`${id}patient`}>
        <button type="button" className="link" tabIndex={tabIndex} onClick={() => onOpen(recall)}>
          {name}
        </button>
        <span className="second number">
          {patient.birthDate && (
            <>
              <span className="unseen">, born </span>
              {dateText(patient.birthDate)}
              <span className="cell-extra"> · {ageOn(day, patient.birthDate)}</span>
            </>
          )}
        </span>
      </span>
      <span role="gridcell" aria-colindex={3} className="cell cell-recall" id={`${id}recall`}>
        <span className="cell-reason">
          <span className="cell-reason-text">{recall.reason}</span>
          {recall.urgency && (
            <span className={due && isUrgent(recall.urgency) ? "tag tag-urgent" : "tag"}>
              {recall.urgency}
            </span>
          )}
        </span>
        <span className="second cell-extra">{category?.name ?? "No category"}</span>
      </span>
      <span role="gridcell" aria-colindex={4} className="cell cell-mobile" id={`${id}mobile`}>
        <Mobile recall={recall} />
      </span>
      <span role="gridcell" aria-colindex={5} className="cell cell-due" id={`${id}due`}>
        {due ? (
          <span className={daysBetween(day, recall.dueDate) < 0 ? "overdue" : undefined}>
            {dueText(recall.dueDate, day)}
          </span>
        ) : (
          <span>{STATE[recall.state]}</span>
        )}
        <time className="second number" dateTime={recall.backOn ?? recall.dueDate}>
          {recall.backOn ? "Back " : due ? "" : "Due "}
          {dateText(recall.backOn ?? recall.dueDate)}
        </time>
      </span>
      <span role="gridcell" aria-colindex={6} className="cell cell-last" id={`${id}last`}>
        <LastContact attempts={recall.attempts} />
      </span>
      <span role="gridcell" aria-colindex={7} className="cell-actions">
        <RowActions recall={recall} tabIndex={tabIndex} onOpen={onOpen} onAct={onAct} />
      </span>
    </div>
  );
});
