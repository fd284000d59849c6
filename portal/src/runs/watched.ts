// The runs that were started on this page: they are watched until they are put away.
import { useSyncExternalStore } from "react";

import type { RunPartsFragment } from "../gql/graphql";

export type Run = RunPartsFragment;

/** What one press started: one run, or several where more were selected than one takes. */
export interface Started {
  readonly key: string;
  readonly runs: readonly Run[];
  /** Until when all of it can be undone, by this computer’s clock, which may be off. */
  readonly until: number;
}

let started: readonly Started[] = [];
const listeners = new Set<() => void>();

function become(value: readonly Started[]): void {
  started = value;
  for (const listener of listeners) listener();
}

/** Shows these runs, newest first. */
export function watch(runs: readonly Run[]): void {
  const key = runs.map((run) => run.id).join();
  const held = runs.map((run) => Date.parse(run.heldUntil ?? "") - Date.parse(run.startedAt) || 0);
  const until = Date.now() + Math.max(...held);
  become([{ key, runs, until }, ...started.filter((each) => each.key !== key)]);
}

/** Puts them away; the page of runs has them still. */
export function putAway(key: string): void {
  become(started.filter((each) => each.key !== key));
}

export const useStarted = (): readonly Started[] =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => started,
  );
