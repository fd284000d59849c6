// A run's progress: a bar, and the outcomes of its messages in words.
import type { RunPartsFragment } from "../../gql/graphql";

type Numbers = Pick<
  RunPartsFragment,
  "planned" | "queued" | "sent" | "refused" | "failed" | "unknown" | "cancelled"
>;

/** Return the numbers of several runs added up. */
export function sum(runs: readonly Numbers[]): Numbers {
  const of = (name: keyof Numbers) => runs.reduce((total, run) => total + run[name], 0);
  return {
    planned: of("planned"),
    queued: of("queued"),
    sent: of("sent"),
    refused: of("refused"),
    failed: of("failed"),
    unknown: of("unknown"),
    cancelled: of("cancelled"),
  };
}

/** Return "9 sent, 2 failed"; zeros are left out. */
export function outcome({ sent, refused, failed, unknown, cancelled }: Numbers): string {
  const all = [
    [sent, "sent"],
    [failed, "failed"],
    [unknown, "not confirmed"],
    [refused, "blocked"],
    [cancelled, "cancelled"],
  ] as const;
  const shown = all.filter(([number]) => number > 0);
  return shown.map(([number, what]) => `${number.toLocaleString("en-AU")} ${what}`).join(", ");
}

/** How many of a run’s messages are no longer queued; those that were never going to go are left out. */
export function RunProgress({ run, label }: { run: Numbers; label: string }) {
  const all = run.planned - run.refused;
  const done = all - run.queued;
  return (
    <div className="progress">
      <progress aria-label={label} max={Math.max(all, 1)} value={done} />
      <span className="number quiet">
        {done.toLocaleString("en-AU")} of {all.toLocaleString("en-AU")} SMS
      </span>
    </div>
  );
}
