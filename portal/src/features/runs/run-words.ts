// Words for runs and for each kind of outcome: its name, what it means, and what to do.
import type { AttemptState, RunPartsFragment } from "../../gql/graphql";
import { momentText } from "../../text/format";

/** Return who started the run, for the middle of a sentence. */
export const starterName = (run: Pick<RunPartsFragment, "actor">): string =>
  run.actor ?? "the schedule";

export const TRIGGER = { MANUAL: "Manual", AUTOMATED: "Automated" } as const;

/** Return the run's state in a word or two. */
export function stateText(run: Pick<RunPartsFragment, "state" | "stoppedAt">): string {
  if (run.stoppedAt) return run.state === "FINISHED" ? "Stopped" : "Stopping";
  return { PLANNING: "Being prepared", SENDING: "Under way", FINISHED: "Finished" }[run.state];
}

/** Return the run's state as a sentence, with the time it stopped or finished. */
export function stateSentence(run: RunPartsFragment, timeZone: string): string {
  if (run.stoppedAt) {
    const at = momentText(run.stoppedAt, timeZone);
    if (run.state !== "FINISHED") return `Stopped on ${at}: what waits is being cancelled.`;
    return run.cancelled > 0
      ? `Stopped on ${at}: what waited was cancelled.`
      : `Stopped on ${at}: nothing of it waited any more.`;
  }
  if (run.finishedAt) return `Finished on ${momentText(run.finishedAt, timeZone)}.`;
  return `${stateText(run)}.`;
}

export interface Group {
  readonly key: string;
  readonly name: string;
  readonly states: readonly AttemptState[];
  readonly means: string;
  readonly toDo: string;
  /** Whether its messages are shown at once, because staff must do something about each. */
  readonly open: boolean;
}

/** Most urgent for staff first. */
export const GROUPS = [
  {
    key: "unknown",
    name: "Unknown",
    states: ["UNKNOWN"],
    means: "The SMS gateway didn’t say whether it took the message.",
    toDo: "It may have arrived. Call the patient before you send again: Recalls doesn’t send it again by itself.",
    open: true,
  },
  {
    key: "failed",
    name: "Failed",
    states: ["FAILED", "UNDELIVERED"],
    means: "The SMS gateway refused the message, or couldn’t deliver it.",
    toDo: "Call or write, or correct the number in your practice software.",
    open: true,
  },
  {
    key: "refused",
    name: "Not sent: blocked",
    states: ["REFUSED"],
    means: "An SMS may not go to the patient, so none was handed over.",
    toDo: "Call or write, unless the reason says not to.",
    open: true,
  },
  {
    key: "cancelled",
    name: "Cancelled",
    states: ["CANCELLED"],
    means: "The message was no longer wanted before it was handed over.",
    toDo: "Nothing to do here: what is still due is in the recall list.",
    open: false,
  },
  {
    key: "waiting",
    name: "Waiting",
    states: ["QUEUED", "SENDING"],
    means: "The message waits for its turn, or is being handed over just now.",
    toDo: "Nothing to do: it goes by itself.",
    open: false,
  },
  {
    key: "sent",
    name: "Sent",
    states: ["SENT"],
    means: "The SMS gateway took the message, and hasn’t said yet whether it arrived.",
    toDo: "Nothing to do: the recall comes back when its next step is due.",
    open: false,
  },
  {
    key: "delivered",
    name: "Delivered",
    states: ["DELIVERED"],
    means: "The message arrived.",
    toDo: "Nothing to do: the recall comes back when its next step is due.",
    open: false,
  },
] as const satisfies readonly Group[];

export type GroupKey = (typeof GROUPS)[number]["key"];

/** Return how many of the run's messages are in each group. */
export function groupCounts(run: RunPartsFragment, delivered: number): Record<GroupKey, number> {
  return {
    unknown: run.unknown,
    failed: run.failed,
    refused: run.refused,
    cancelled: run.cancelled,
    waiting: run.queued,
    sent: Math.max(0, run.sent - delivered),
    delivered,
  };
}
