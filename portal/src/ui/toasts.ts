// What has just been done, told in a line for some seconds, with a way back.
import { createStore, useStore } from "../data/store";
import { announce } from "./announce";

export interface Toast {
  readonly id: number;
  /** What was done: “Call recorded for Sofia Jones”. */
  readonly text: string;
  /** Takes it back; a `Failure` that it throws is shown. */
  readonly undo?: (() => Promise<void>) | undefined;
}

/** More would cover too much of the page: the oldest leaves. */
const MOST = 3;

const toasts = createStore<readonly Toast[]>([]);
let latest = 0;

/** Say what was done, and how to take it back. */
export function showToast(text: string, undo?: () => Promise<void>): void {
  latest += 1;
  toasts.set([...toasts.get(), { id: latest, text, undo }].slice(-MOST));
  announce(undo ? `${text}. Press U to undo.` : text);
}

/** Take a toast away. */
export function dropToast(id: number): void {
  toasts.set(toasts.get().filter((each) => each.id !== id));
}

/** Return what is told, oldest first. */
export const useToasts = (): readonly Toast[] => useStore(toasts);
