// Runs in progress, in the corner of every screen: undo, progress, and what to do afterwards.
import { useEffect, useEffectEvent, useState } from "react";
import { Link } from "wouter";

import { mutate } from "../../api/operations";
import { useLiveQuery } from "../../data/use-live-query";
import { RunsDocument, StopRunDocument } from "../../gql/graphql";
import { count } from "../../text/format";
import { Notice } from "../../ui/Notice";
import { handsFocusOn } from "../../ui/focus";
import { CloseIcon } from "../../ui/icons";
import { useAction } from "../../ui/use-action";
import { outcome, RunProgress, sum } from "./RunProgress";
import { useRunProgress } from "./use-run-progress";
import { putAway, type Run, type Started, useStarted } from "./watched";

/** Milliseconds for which a run that ended without trouble is still shown. */
const LINGER = 20_000;

/** The runs that were started here, and those in progress that weren't. */
export function RunsInProgress() {
  const started = useStarted();
  const { data } = useLiveQuery(RunsDocument, { first: 5 }, ["RUNS"]);
  const startedHere = new Set(started.flatMap((each) => each.runs.map((run) => run.id)));
  const others = (data?.runs.nodes ?? []).filter(
    (run) => run.state !== "FINISHED" && !startedHere.has(run.id),
  );
  return (
    <section aria-label="Runs under way" className="under-way">
      {started.map((each) => (
        <StartedCard key={each.key} started={each} />
      ))}
      {others.map((run) => (
        <OtherCard key={run.id} known={run} />
      ))}
    </section>
  );
}

/** A run that somebody else or the schedule started. */
function OtherCard({ known }: { known: Run }) {
  const run = useRunProgress(known);
  const who = run.actor ?? "The schedule";
  if (run.state === "FINISHED") return null;
  return (
    <article className="card under-way-card">
      <p>
        <Link href={`/runs/${run.id}`}>{who} is sending recalls</Link>
      </p>
      <RunProgress run={run} label={`Progress of the run of ${who}`} />
    </article>
  );
}

function StartedCard({ started }: { started: Started }) {
  const [latest, setLatest] = useState<ReadonlyMap<string, Run>>(new Map());
  const runs = started.runs.map((run) => latest.get(run.id) ?? run);
  const numbers = sum(runs);
  const finished = runs.every((run) => run.state === "FINISHED");
  // All must have stopped: if one couldn’t be, it goes on, and stopping can be tried again.
  const stopped =
    runs.some((run) => run.stoppedAt) &&
    runs.every((run) => run.stoppedAt || run.state === "FINISHED");
  const seconds = useSecondsUntil(started.until);
  const held = seconds > 0 && !stopped && !finished;
  const stopping = useAction();
  const first = runs[0];

  const over = finished || stopped;
  const trouble = numbers.failed + numbers.unknown > 0;
  // A run that needs no attention goes away by itself; the runs page still has it.
  useEffect(() => {
    if (!over || trouble) return;
    const timer = setTimeout(() => putAway(started.key), LINGER);
    return () => clearTimeout(timer);
  }, [over, trouble, started.key]);

  const stop = () =>
    stopping.run(async () => {
      for (const run of runs) {
        const { stopRun } = await mutate(StopRunDocument, { input: { runId: run.id } });
        if (stopRun.__typename === "Run") update(stopRun);
      }
    });
  const update = (run: Run) => setLatest((before) => new Map(before).set(run.id, run));

  return (
    <article className="card under-way-card" ref={handsFocusOn}>
      {started.runs.map((run) => (
        <Follow key={run.id} known={run} onUpdate={update} />
      ))}
      <div className="row under-way-head">
        <p role="status">
          {stopped ? (
            numbers.sent + numbers.failed + numbers.unknown === 0 ? (
              <strong>Undone. Nothing was sent.</strong>
            ) : (
              <strong>Stopped: {outcome(numbers)}.</strong>
            )
          ) : finished ? (
            <strong>Done: {outcome(numbers)}.</strong>
          ) : held ? (
            <strong>{count(numbers.queued, "message")} will be sent.</strong>
          ) : (
            <strong>Sending {count(numbers.planned - numbers.refused, "message")}…</strong>
          )}
        </p>
        {over && (
          <button
            type="button"
            className="plain icon"
            aria-label="Put away"
            onClick={() => putAway(started.key)}
          >
            <CloseIcon />
          </button>
        )}
      </div>
      {held && (
        <div className="row" ref={handsFocusOn}>
          {/* The status above is read out once; this would be every second. */}
          <span className="number" aria-hidden="true">
            In {seconds} s
          </span>
          <button type="button" onClick={stop} aria-disabled={stopping.busy || undefined}>
            Undo
          </button>
        </div>
      )}
      {!held && !over && <RunProgress run={numbers} label="Progress of your send" />}
      {trouble && (
        <p>
          Some need you: <Link href={`/runs/${first?.id}`}>see what to do about them</Link>.
        </p>
      )}
      {!trouble && first && (
        <p>
          <Link href={`/runs/${first.id}`}>Details</Link>
        </p>
      )}
      <Notice>{stopping.error}</Notice>
    </article>
  );
}

/** Follows one run, and passes on its updates. */
function Follow({ known, onUpdate }: { known: Run; onUpdate: (run: Run) => void }) {
  const run = useRunProgress(known);
  const report = useEffectEvent((latest: Run) => {
    if (latest !== known) onUpdate(latest);
  });
  useEffect(() => report(run), [run]);
  return null;
}

/** Return the whole seconds until the moment, counting down; 0 once it has passed. */
function useSecondsUntil(last: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (last <= Date.now()) return;
    const timer = setInterval(() => {
      setNow(Date.now());
      if (Date.now() >= last) clearInterval(timer);
    }, 250);
    return () => clearInterval(timer);
  }, [last]);
  return Math.max(0, Math.ceil((last - now) / 1000));
}
