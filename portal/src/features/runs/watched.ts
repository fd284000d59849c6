// The runs that were started on this page, shown until they are put away.
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

/** Show these runs, before those started earlier. */
export function watch(runs: readonly Run[]): void {
  const key = runs.map((run) => run.id).join();
  const held = runs.map((run) => Date.parse(run.heldUntil ?? "") - Date.parse(run.startedAt) || 0);
  const until = Date.now() + Math.max(...held);
  started.set([{ key, runs, until }, ...started.get().filter((each) => each.key !== key)]);
}

/** Stop showing them; the runs page still has them. */
export function putAway(key: string): void {
  started.set(started.get().filter((each) => each.key !== key));
}

/** Return what was started and isn’t put away, newest first. */
export const useStarted = (): readonly Started[] => useStore(started);
