// One recall in the list: patient, reason, due date, last attempt, and whether an SMS may go.
import { memo, useRef } from "react";

import { useViewer } from "../../auth/viewer";
import {
  agoText,
  dateText,
  daysBetween,
  dueText,
  mobileText,
  nameText,
  today,
} from "../../text/format";
import { ATTEMPT, KIND } from "../../text/words";
import { SmsIcon } from "./SmsIcon";
import type { RecallRow } from "./use-recall-list";

interface Props {
  recall: RecallRow;
  index: number;
  /** Whether the keyboard is at this row. */
  active: boolean;
  selected: boolean;
  /** Pixels from the top of the list. */
  top: number;
  measure: (element: Element | null) => void;
  onPress: (index: number, range: boolean) => void;
  onOpen: (recall: RecallRow) => void;
}

/** One row of the recall list, rendered again only if it has changed. */
export const RecallRowView = memo(function RecallRowView({
  recall,
  index,
  active,
  selected,
  top,
  measure,
  onPress,
  onOpen,
}: Props) {
  const { timeZone } = useViewer().practice;
  const { patient, category, attempts } = recall;
  const range = useRef(false);
  const tabIndex = active ? 0 : -1;
  const last = attempts.at(-1);
  const day = today(timeZone);
  const name = nameText(patient);
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-index={index}
      tabIndex={tabIndex}
      ref={measure}
      className="grid-row"
      style={{ transform: `translateY(${top}px)` }}
      onClick={(event) => {
        if (!event.shiftKey || (event.target as Element).closest("button, input, label")) return;
        getSelection()?.removeAllRanges();
        onPress(index, true);
      }}
    >
      <span role="gridcell" className="cell-check">
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
      <span role="gridcell" className="cell-patient">
        <button type="button" className="link" tabIndex={tabIndex} onClick={() => onOpen(recall)}>
          {name}
        </button>
        <span className="quiet number">
          {patient.mobile ? mobileText(patient.mobile) : (patient.mobileTyped ?? "No mobile")}
        </span>
      </span>
      <span role="gridcell" className="cell-reason">
        {recall.reason}
        {recall.urgency && <span className="tag">{recall.urgency}</span>}
      </span>
      <span role="gridcell" className="cell-category">
        {category?.name ?? <span className="quiet">No category</span>}
      </span>
      <span role="gridcell" className="cell-due">
        <span className={daysBetween(day, recall.dueDate) < 0 ? "overdue" : undefined}>
          {dueText(recall.dueDate, day)}
        </span>
        <time className="quiet number" dateTime={recall.dueDate}>
          {dateText(recall.dueDate)}
        </time>
      </span>
      <span role="gridcell" className="cell-last">
        {last ? (
          <>
            <span>
              {KIND[last.kind]}
              {last.state !== "DONE" && ` ${ATTEMPT[last.state]}`}
            </span>
            <span className="quiet">{agoText(last.createdAt, timeZone)}</span>
          </>
        ) : (
          <span className="quiet">None yet</span>
        )}
      </span>
      <span role="gridcell" className="cell-actions">
        <SmsIcon
          status={recall.smsStatus}
          of={name}
          reachable={active}
          onPress={() => onOpen(recall)}
        />
      </span>
    </div>
  );
});
