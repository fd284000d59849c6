// The recall list on paper, which only the printer sees.
import { createPortal } from "react-dom";

import { useViewer } from "../../auth/viewer";
import { dateText, mobileText, nameText, today } from "../../text/format";
import { LastContact } from "./LastContact";
import type { Shown } from "./filter";
import { printTitle } from "./print-title";
import { MOST } from "./use-printing";
import type { RecallRow } from "./use-recall-list";

interface Props {
  shown: Shown;
  rows: readonly RecallRow[];
  total: number | null;
}

/** The rows as a table, with the practice, the filter and the date above. */
export function PrintSheet({ shown, rows, total }: Props) {
  const { practice } = useViewer();
  const day = today(practice.timeZone);
  const all = total !== null && total > rows.length ? ` of ${total.toLocaleString("en-AU")}` : "";
  return createPortal(
    <section className="print-sheet" aria-hidden="true">
      <h1>{practice.name}</h1>
      <p>
        {printTitle(shown, rows, day)} · {dateText(day)} · {rows.length.toLocaleString("en-AU")}
        {all} recalls
        {all && rows.length >= MOST && " (the most that are printed at once)"}
      </p>
      <table>
        <thead>
          <tr>
            {["Done", "Patient", "Date of birth", "Mobile", "Recall", "Due", "Last contact"].map(
              (name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ id, patient, reason, urgency, dueDate, attempts }) => (
            <tr key={id}>
              <td>☐</td>
              <td>{nameText(patient)}</td>
              <td>{patient.birthDate && dateText(patient.birthDate)}</td>
              <td>{patient.mobile ? mobileText(patient.mobile) : patient.mobileTyped}</td>
              <td>{urgency ? `${reason} (${urgency})` : reason}</td>
              <td>{dateText(dueDate)}</td>
              <td className="print-last">
                <LastContact attempts={attempts} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>,
    document.body,
  );
}
