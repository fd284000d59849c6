// The runs that were started on this page: they are watched until they are put away.
import { createStore, useStore } from "../../data/store";
import type { RunPartsFragment } from "../../gql/graphql";

export type Run = RunPartsFragment;

/** What one press started: one run, or several where more were selected than one takes. */
export interface Started {
  readonly key: string;
  readonly runs: readonly Run[];
  /** Until when all of it can be undone, by this computer’s clock, which may be off. */
  readonly until: number;
}

const started = createStore<readonly Started[]>([]);

/** Shows these runs, newest first. */
export function watch(runs: readonly Run[]): void {
  const key = runs.map((run) => run.id).join();
  const held = runs.map((run) => Date.parse(run.heldUntil ?? "") - Date.parse(run.startedAt) || 0);
  const until = Date.now() + Math.max(...held);
  started.set([{ key, runs, until }, ...started.get().filter((each) => each.key !== key)]);
}

/** Puts them away; the page of runs has them still. */
export function putAway(key: string): void {
  started.set(started.get().filter((each) => each.key !== key));
}

/** Gives what was started and isn’t put away. */
export const useStarted = (): readonly Started[] => useStore(started);
