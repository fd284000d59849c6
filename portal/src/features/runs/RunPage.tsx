// One run of Sent messages: its progress, the outcomes of its messages, what to do about them, and stopping it.
import "../../styles/runs.css";

import { useRef, useState } from "react";
import { flushSync } from "react-dom";
import { Link, useParams } from "wouter";

import { errorText } from "../../api/errors";
import { useViewer } from "../../auth/viewer";
import { useLiveQuery } from "../../data/use-live-query";
import { RunDetailsDocument, type RunDetailsQuery } from "../../gql/graphql";
import { count, momentText } from "../../text/format";
import { REASON } from "../../text/words";
import { Notice } from "../../ui/Notice";
import { GroupSection } from "./GroupSection";
import { RunProgress } from "./RunProgress";
import { StopDialog } from "./StopDialog";
import { GROUPS, groupCounts, startText, stateSentence, totalText } from "./run-words";
import { useRunProgress } from "./use-run-progress";

type Details = Extract<NonNullable<RunDetailsQuery["node"]>, { __typename: "Run" }>;

/** The screen for one run. */
export default function RunPage() {
  const { id = "" } = useParams();
  const { data, error } = useLiveQuery(RunDetailsDocument, { id }, ["RUNS", "RECALLS"]);
  const run = data?.node?.__typename === "Run" ? data.node : null;
  return (
    <>
      <p>
        <Link href="/runs">All sent messages</Link>
      </p>
      {run ? (
        <LoadedRun key={run.id} details={run} />
      ) : data ? (
        <h1>We can’t find these messages</h1>
      ) : (
        <>
          <h1>Sent messages</h1>
          {!error && <p role="status">Loading…</p>}
        </>
      )}
      <Notice>{error && errorText(error)}</Notice>
    </>
  );
}

function LoadedRun({ details }: { details: Details }) {
  const { timeZone } = useViewer().practice;
  const run = useRunProgress(details);
  const [stopping, setStopping] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const counts = groupCounts(run, details.delivered.totalCount);
  const groups = GROUPS.filter((group) => counts[group.key] > 0);
  const inProgress = run.state !== "FINISHED";
  return (
    <>
      <div className="page-head">
        <h1 ref={heading} tabIndex={-1}>
          Sent {momentText(run.startedAt, timeZone)}
        </h1>
        {inProgress && !run.stoppedAt && (
          <button type="button" className="danger" onClick={() => setStopping(true)}>
            Stop sending…
          </button>
        )}
      </div>
      <p className="quiet">
        {startText(run)} · {totalText(run)}
      </p>
      <p role="status">{stateSentence(run, timeZone)}</p>
      {inProgress && <RunProgress run={run} label="Progress" />}
      <nav aria-label="Outcomes">
        <ul className="outcomes">
          {groups.map((group) => (
            <li key={group.key}>
              <a href={`#${group.key}`} className={`outcome outcome-${group.key}`}>
                <strong className="number">{counts[group.key].toLocaleString("en-AU")}</strong>{" "}
                {group.name}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      {run.skipped > 0 && (
        <p className="quiet">
          {count(run.skipped, "recall")} left out: closed, or an SMS was already on its way.
        </p>
      )}
      {groups.map((group) => (
        <GroupSection key={group.key} runId={run.id} group={group} count={counts[group.key]}>
          {group.key === "refused" && (
            <ul className="reasons">
              {details.refusals.map((refusal) => (
                <li key={refusal.reason}>
                  <span className="number">{refusal.count.toLocaleString("en-AU")}</span>:{" "}
                  {REASON[refusal.reason]}
                </li>
              ))}
            </ul>
          )}
        </GroupSection>
      ))}
      {stopping && (
        <StopDialog
          run={run}
          onClose={(stopped) => {
            flushSync(() => setStopping(false));
            // The button that opened the dialog is gone.
            if (stopped) heading.current?.focus();
          }}
        />
      )}
    </>
  );
}
