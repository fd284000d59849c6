// All the practice's runs, newest first: who started each, its state and its outcomes.
import "../../styles/runs.css";

import { Link } from "wouter";

import { useViewer } from "../../auth/viewer";
import { usePagedQuery } from "../../data/use-paged-query";
import { type RunPartsFragment, RunsDocument } from "../../gql/graphql";
import { momentText } from "../../text/format";
import { ShowMore } from "../../ui/ShowMore";
import { starterName, stateText, TRIGGER } from "./run-words";

const PAGE = 20;

const NUMBERS = [
  ["planned", "Messages"],
  ["sent", "Sent"],
  ["refused", "Blocked"],
  ["failed", "Failed"],
  ["unknown", "Unknown"],
] as const satisfies readonly (readonly [keyof RunPartsFragment, string])[];

/** The screen for all runs. */
export default function RunsPage() {
  const runs = usePagedQuery(RunsDocument, { first: PAGE }, (data) => data.runs, ["RUNS"]);
  return (
    <>
      <div className="page-head">
        <h1>Runs</h1>
      </div>
      {!runs.nodes && runs.reading && <p role="status">Opening the runs…</p>}
      {runs.nodes?.length === 0 && (
        <div className="empty">
          <p>Nothing has been sent yet. Each send, by hand or by the schedule, is listed here.</p>
        </div>
      )}
      {runs.nodes && runs.nodes.length > 0 && (
        // Explicit roles, because narrow screens lay the rows out as cards.
        <table role="table" className="cards runs" aria-label="Runs, newest first">
          <thead role="rowgroup">
            <tr role="row">
              <th role="columnheader">Run</th>
              <th role="columnheader">Started by</th>
              <th role="columnheader">Kind</th>
              <th role="columnheader">State</th>
              {NUMBERS.map(([name, label]) => (
                <th key={name} role="columnheader" className="count">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {runs.nodes.map((run) => (
              <Row key={run.id} run={run} />
            ))}
          </tbody>
        </table>
      )}
      <ShowMore pages={runs} of="runs" />
    </>
  );
}

function Row({ run }: { run: RunPartsFragment }) {
  const { timeZone } = useViewer().practice;
  return (
    <tr role="row">
      <th role="rowheader" scope="row">
        <Link href={`/runs/${run.id}`}>{momentText(run.startedAt, timeZone)}</Link>
      </th>
      <td role="cell" data-label="Started by">
        {starterName(run)}
      </td>
      <td role="cell" data-label="Kind">
        {TRIGGER[run.trigger]}
      </td>
      <td role="cell" data-label="State">
        {stateText(run)}
      </td>
      {NUMBERS.map(([name, label]) => (
        <td
          key={name}
          role="cell"
          data-label={label}
          className={run[name] === 0 ? "count number none" : "count number"}
        >
          {run[name].toLocaleString("en-AU")}
        </td>
      ))}
    </tr>
  );
}
