// Sent messages: all the practice's runs, newest first, with who started each and its outcomes.
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
  ["planned", "Total"],
  ["sent", "Sent"],
  ["failed", "Failed"],
  ["unknown", "Not confirmed"],
  ["refused", "Blocked"],
  ["cancelled", "Cancelled"],
] as const satisfies readonly (readonly [keyof RunPartsFragment, string])[];

/** The screen for all runs. */
export default function RunsPage() {
  const runs = usePagedQuery(RunsDocument, { first: PAGE }, (data) => data.runs, ["RUNS"]);
  return (
    <>
      <div className="page-head">
        <h1>Sent messages</h1>
      </div>
      {!runs.nodes && runs.reading && <p role="status">Loading…</p>}
      {runs.nodes?.length === 0 && (
        <div className="empty">
          <p>Nothing sent yet. Everything you or automation sends will be listed here.</p>
        </div>
      )}
      {runs.nodes && runs.nodes.length > 0 && (
        // Explicit roles, because narrow screens lay the rows out as cards.
        <table role="table" className="cards runs" aria-label="Sent messages, newest first">
          <thead role="rowgroup">
            <tr role="row">
              <th role="columnheader">When</th>
              <th role="columnheader">By</th>
              <th role="columnheader">How</th>
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
      <ShowMore pages={runs} of="sends" />
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
      <td role="cell" data-label="By">
        {starterName(run)}
      </td>
      <td role="cell" data-label="How">
        {TRIGGER[run.trigger]}
      </td>
      <td role="cell" data-label="State">
        {/* With these the numbers add up to the total. */}
        {stateText(run)}
        {run.queued > 0 && ` – ${run.queued.toLocaleString("en-AU")} to go`}
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
