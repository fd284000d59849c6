// The runs of the person on this page, and which runs they don't want to see any more.
import { createStore, useStore } from "../../data/store";
import type { RunPartsFragment } from "../../gql/graphql";

export type Run = RunPartsFragment;

/** What one press started: one run, or several if more was selected than one run takes. */
export interface Started {
  readonly key: string;
  readonly runs: readonly Run[];
  /** When undoing all of it ends, by this computer’s clock, which may be off. */
  readonly until: number;
}

const started = createStore<readonly Started[]>([]);
const closed = createStore<ReadonlySet<string>>(new Set());

const heldFor = (run: Run) => Date.parse(run.heldUntil ?? "") - Date.parse(run.startedAt) || 0;

/** Show these runs, which have just begun, before those started earlier. */
export function watch(runs: readonly Run[]): void {
  show(runs, Date.now() + Math.max(...runs.map(heldFor)));
}

/** Show these runs again, which began before the page was loaded or in another tab. */
export function resume(runs: readonly Run[]): void {
  const now = Date.now();
  // A clock that is slow must not offer to undo for longer than anything is held.
  const ends = runs.map((run) =>
    Math.min(Date.parse(run.heldUntil ?? "") || 0, now + heldFor(run)),
  );
  show(runs, Math.max(...ends));
}

function show(runs: readonly Run[], until: number): void {
  const ids = new Set(runs.map((run) => run.id));
  const others = started.get().flatMap((each) => {
    const rest = each.runs.filter((run) => !ids.has(run.id));
    return rest.length === each.runs.length ? [each] : rest.length ? [{ ...each, runs: rest }] : [];
  });
  started.set([{ key: [...ids].join(), runs, until }, ...others]);
}

/** Stop showing them; the page of sent messages still has them. */
export function close(runs: readonly { readonly id: string }[]): void {
  const ids = new Set(runs.map((run) => run.id));
  closed.set(new Set([...closed.get(), ...ids]));
  started.set(started.get().filter((each) => !each.runs.some((run) => ids.has(run.id))));
}

/** Return what was started and isn’t closed, newest first. */
export const useStarted = (): readonly Started[] => useStore(started);
/** Return the ids of the runs that were closed. */
export const useClosed = (): ReadonlySet<string> => useStore(closed);
