// The runs under way, at the corner of every screen: undo, progress, and what to do afterwards.
import { useEffect, useEffectEvent, useState } from "react";
import { Link } from "wouter";

import { change } from "../client";
import { count } from "../format";
import { RunsDocument, StopRunDocument } from "../gql/graphql";
import { useLive } from "../live";
import { CloseIcon } from "../parts/icons";
import { Notice } from "../parts/Notice";
import { useAction } from "../parts/use-action";
import { outcome, RunProgress, sum } from "./RunProgress";
import { useRunProgress } from "./use-run-progress";
import { putAway, type Run, type Started, useStarted } from "./watched";

export function RunsUnderWay() {
  const started = useStarted();
  const { data } = useLive(RunsDocument, { first: 5 }, ["RUNS"]);
  const mine = new Set(started.flatMap((each) => each.runs.map((run) => run.id)));
  const others = (data?.runs.nodes ?? []).filter(
    (run) => run.state !== "FINISHED" && !mine.has(run.id),
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

/** A run of somebody else's, or of the schedule. */
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
  const stopped = runs.some((run) => run.stoppedAt);
  const seconds = useSecondsUntil(runs.map((run) => run.heldUntil ?? ""));
  const held = seconds > 0 && !stopped && !finished;
  const stopping = useAction();
  const first = runs[0];

  const stop = () =>
    stopping.run(async () => {
      for (const run of runs) {
        const { stopRun } = await change(StopRunDocument, { input: { runId: run.id } });
        if (stopRun.__typename === "Run") take(stopRun);
      }
    });
  const take = (run: Run) => setLatest((before) => new Map(before).set(run.id, run));

  return (
    <article className="card under-way-card">
      {started.runs.map((run) => (
        <Follow key={run.id} known={run} onNews={take} />
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
        {(finished || stopped) && (
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
        <div className="row">
          {/* Read out once, by the status above: not each second. */}
          <span className="number" aria-hidden="true">
            In {seconds} s
          </span>
          <button type="button" onClick={stop} disabled={stopping.busy}>
            Undo
          </button>
        </div>
      )}
      {!held && !finished && !stopped && (
        <RunProgress run={numbers} label="Progress of your send" />
      )}
      {(numbers.failed > 0 || numbers.unknown > 0) && (
        <p>
          Some need you: <Link href={`/runs/${first?.id}`}>see what to do about them</Link>.
        </p>
      )}
      {numbers.failed + numbers.unknown === 0 && first && (
        <p>
          <Link href={`/runs/${first.id}`}>Details</Link>
        </p>
      )}
      <Notice>{stopping.error}</Notice>
    </article>
  );
}

/** Follows one run, and hands on what is new of it. */
function Follow({ known, onNews }: { known: Run; onNews: (run: Run) => void }) {
  const run = useRunProgress(known);
  const tell = useEffectEvent((news: Run) => {
    if (news !== known) onNews(news);
  });
  useEffect(() => tell(run), [run]);
  return null;
}

/** Counts down to the last of these moments, in whole seconds; 0 once they have passed. */
function useSecondsUntil(moments: readonly string[]): number {
  const last = Math.max(0, ...moments.map((each) => Date.parse(each) || 0));
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
