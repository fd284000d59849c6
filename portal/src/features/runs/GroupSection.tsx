// The messages of a run with the same outcome: what it means, what to do, and a list of them.
import { useId, useState } from "react";
import { Link } from "wouter";

import { useViewer } from "../../auth/viewer";
import { usePagedQuery } from "../../data/use-paged-query";
import { RunAttemptsDocument, type RunAttemptsQuery } from "../../gql/graphql";
import { failureText, unknownText } from "../../text/failures";
import { mobileText, momentText, nameText } from "../../text/format";
import { ATTEMPT, CANCELLATION } from "../../text/words";
import { ShowMore } from "../../ui/ShowMore";
import type { Group } from "./run-words";

const PAGE = 50;

type Run = Extract<NonNullable<RunAttemptsQuery["node"]>, { __typename: "Run" }>;
type Attempt = Run["attempts"]["nodes"][number];

interface Props {
  runId: string;
  group: Group;
  count: number;
  /** Shown above the list. */
  children?: React.ReactNode;
}

/** One kind of outcome, with its messages, which can be hidden. */
export function GroupSection({ runId, group, count, children }: Props) {
  const [open, setOpen] = useState(group.open);
  const list = useId();
  return (
    <section className={`card group group-${group.key}`} aria-labelledby={group.key}>
      <div className="page-head">
        <h2 id={group.key} tabIndex={-1}>
          {group.name} <span className="number quiet">({count.toLocaleString("en-AU")})</span>
        </h2>
        <button
          type="button"
          className="plain"
          aria-expanded={open}
          aria-controls={list}
          onClick={() => setOpen(!open)}
        >
          {open ? "Hide" : "Show"}
          <span className="unseen"> the SMS: {group.name}</span>
        </button>
      </div>
      <p>
        {group.means} {group.open ? <strong>{group.toDo}</strong> : group.toDo}
      </p>
      {children}
      <div id={list} hidden={!open}>
        {open && <Attempts runId={runId} group={group} />}
      </div>
    </section>
  );
}

function Attempts({ runId, group }: { runId: string; group: Group }) {
  const attempts = usePagedQuery(
    RunAttemptsDocument,
    { id: runId, states: group.states, first: PAGE },
    (data) => (data.node?.__typename === "Run" ? data.node.attempts : undefined),
    ["RUNS", "RECALLS"],
  );
  return (
    <>
      {!attempts.nodes && attempts.reading && <p role="status">Loading…</p>}
      {attempts.nodes && attempts.nodes.length > 0 && (
        <table role="table" className="cards" aria-labelledby={group.key}>
          <thead role="rowgroup">
            <tr role="row">
              <th role="columnheader">Patient</th>
              <th role="columnheader">Number</th>
              <th role="columnheader">Recalls</th>
              <th role="columnheader">Outcome</th>
              <th role="columnheader">When</th>
            </tr>
          </thead>
          <tbody role="rowgroup">
            {attempts.nodes.map((attempt) => (
              <Row key={attempt.id} attempt={attempt} />
            ))}
          </tbody>
        </table>
      )}
      <ShowMore pages={attempts} of="SMS" />
    </>
  );
}

function Row({ attempt }: { attempt: Attempt }) {
  const { timeZone } = useViewer().practice;
  // All recalls of a message belong to one patient.
  const patient = attempt.recalls[0]?.patient;
  const name = patient ? nameText(patient) : "";
  return (
    <tr role="row">
      <th role="rowheader" scope="row">
        {name}
      </th>
      <td role="cell" data-label="Number" className="number">
        {attempt.mobile ? mobileText(attempt.mobile) : (patient?.mobileTyped ?? "none")}
      </td>
      <td role="cell" data-label="Recalls">
        <ul className="recalls">
          {attempt.recalls.map((recall) => (
            <li key={recall.id}>
              <Link href={`/recalls/all?recall=${recall.id}`}>
                {recall.reason}
                <span className="unseen"> of {name}</span>
              </Link>
            </li>
          ))}
        </ul>
      </td>
      <td role="cell" data-label="Outcome">
        {outcomeText(attempt)}
      </td>
      <td role="cell" data-label="When" className="quiet">
        {momentText(attempt.settledAt ?? attempt.createdAt, timeZone)}
      </td>
    </tr>
  );
}

/** Return the outcome with the reason for it, if any. */
function outcomeText(attempt: Attempt): string {
  if (attempt.refusal?.message) return attempt.refusal.message;
  if (attempt.cancellation) return CANCELLATION[attempt.cancellation];
  if (attempt.state === "UNKNOWN") return unknownText(attempt.lookedUp);
  return attempt.failure ? failureText(attempt.failure) : capitalised(ATTEMPT[attempt.state]);
}

const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
