// Sends in progress, in a line each under every page: undo, progress, and what to do afterwards.
import { useEffect, useEffectEvent, useState } from "react";
import { Link } from "wouter";

import { mutate } from "../../api/operations";
import { useViewer } from "../../auth/viewer";
import { useLiveQuery } from "../../data/use-live-query";
import { RunsDocument, StopRunDocument } from "../../gql/graphql";
import { ToastLine, UndoButton } from "../../ui/Toast";
import { announce } from "../../ui/announce";
import { useAction } from "../../ui/use-action";
import { outcome, RunProgress, sum } from "./RunProgress";
import { useRunProgress } from "./use-run-progress";
import { close, resume, type Run, type Started, useClosed, useStarted } from "./watched";

/** Milliseconds for which a send that ended without trouble is still shown. */
const LINGER = 20_000;

/** The viewer’s own sends, and in one line those of everybody else. */
export function RunsInProgress() {
  const started = useStarted();
  const closed = useClosed();
  const { actorId: viewer } = useViewer();
  const { data } = useLiveQuery(RunsDocument, { first: 5 }, ["RUNS"]);
  const shown = new Set(started.flatMap((each) => each.runs.map((run) => run.id)));
  const inProgress = (data?.runs.nodes ?? []).filter(
    (run) => run.state !== "FINISHED" && !shown.has(run.id) && !closed.has(run.id),
  );
  const mine = inProgress.filter((run) => isOf(viewer, run));
  const others = inProgress.filter((run) => !isOf(viewer, run));
  // They began before the page was loaded, or in another tab: what can be undone there can be here.
  const take = useEffectEvent(() => resume(mine));
  const taken = mine.map((run) => run.id).join();
  useEffect(() => {
    if (taken) take();
  }, [taken]);
  return (
    <>
      {others.length > 0 && <OthersLine runs={others} />}
      {started.toReversed().map((each) => (
        <StartedLine key={each.key} started={each} />
      ))}
    </>
  );
}

/** Return whether the viewer sent it by hand. */
const isOf = (viewer: string, run: Run): boolean =>
  run.trigger === "MANUAL" && run.actorId === viewer;

/** What colleagues or the schedule are sending. */
function OthersLine({ runs }: { runs: readonly Run[] }) {
  const [run] = runs;
  return (
    <ToastLine onClose={() => close(runs)}>
      <p>
        {runs.length > 1 || !run
          ? `${runs.length} other sends are going out`
          : run.actor === null
            ? "Automated recalls are going out"
            : `${run.actor} is sending ${(run.planned - run.refused).toLocaleString("en-AU")}`}
        {" · "}
        <Link href={runs.length === 1 ? `/runs/${run?.id}` : "/runs"}>View</Link>
      </p>
    </ToastLine>
  );
}

function StartedLine({ started }: { started: Started }) {
  const [latest, setLatest] = useState<ReadonlyMap<string, Run>>(new Map());
  const runs = started.runs.map((run) => latest.get(run.id) ?? run);
  const numbers = sum(runs);
  const finished = runs.every((run) => run.state === "FINISHED");
  // All must have stopped: if one couldn’t be, it goes on, and stopping can be tried again.
  const stopped =
    runs.some((run) => run.stoppedAt) &&
    runs.every((run) => run.stoppedAt || run.state === "FINISHED");
  const seconds = useSecondsUntil(started.until);
  const over = finished || stopped;
  const held = seconds > 0 && !over;
  const stopping = useAction();

  const trouble = numbers.failed + numbers.unknown > 0;
  // A send that needs no attention goes away by itself; the page of sent messages still has it.
  const leave = useEffectEvent(() => close(started.runs));
  useEffect(() => {
    if (!over || trouble) return;
    const timer = setTimeout(leave, LINGER);
    return () => clearTimeout(timer);
  }, [over, trouble]);

  const end = stopped
    ? numbers.sent + numbers.failed + numbers.unknown === 0
      ? "Undone – nothing was sent"
      : `Stopped: ${outcome(numbers)}`
    : finished
      ? `Finished: ${outcome(numbers)}`
      : "";
  const sms = `${numbers.queued.toLocaleString("en-AU")} SMS`;
  // The countdown is for the eye: read out every second, it would drown everything else.
  const countdown = useEffectEvent(() => `Sending ${sms} in ${seconds} seconds. Press U to undo.`);
  useEffect(() => {
    if (end) announce(end);
    else if (held) announce(countdown());
  }, [end, held]);

  const stop = () =>
    stopping.run(async () => {
      for (const run of runs) {
        const { stopRun } = await mutate(StopRunDocument, { input: { runId: run.id } });
        if (stopRun.__typename === "Run") update(stopRun);
      }
    });
  const update = (run: Run) => setLatest((before) => new Map(before).set(run.id, run));

  return (
    <ToastLine error={stopping.error} onClose={() => close(started.runs)}>
      {started.runs.map((run) => (
        <Follow key={run.id} known={run} onUpdate={update} />
      ))}
      <p>
        <strong>
          {end ||
            (held
              ? `Sending ${sms} in ${seconds} ${seconds === 1 ? "second" : "seconds"}`
              : "Sending…")}
        </strong>{" "}
        {over && (
          <Link href={started.runs.length === 1 ? `/runs/${started.runs[0]?.id}` : "/runs"}>
            {trouble ? "See what to do" : "View"}
          </Link>
        )}
      </p>
      {held && <UndoButton busy={stopping.busy} onUndo={() => void stop()} />}
      {!held && !over && <RunProgress run={numbers} label="Progress of your send" />}
    </ToastLine>
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
