// Words for runs and for each kind of outcome: its name, what it means, and what to do.
import type { AttemptState, RunPartsFragment } from "../../gql/graphql";
import { count, momentText } from "../../text/format";

/** Return who started the run. */
export const starterName = (run: Pick<RunPartsFragment, "actor">): string =>
  run.actor ?? "Schedule";

export const TRIGGER = { MANUAL: "By hand", AUTOMATED: "Automated" } as const;

/** Return how the run came about: "Sent by Kim". */
export function startText({ trigger, actor }: Pick<RunPartsFragment, "trigger" | "actor">): string {
  if (trigger === "MANUAL") return actor ? `Sent by ${actor}` : "Sent by hand";
  return actor ? `Automated run, started by ${actor}` : "Automated run";
}

/** Return how many SMS the run is for, and how many messages don't go: "14 SMS, 6 not sent". */
export function totalText(
  run: Pick<RunPartsFragment, "planned" | "refused" | "cancelled">,
): string {
  const notSent = run.refused + run.cancelled;
  const sms = count(run.planned - notSent, "SMS", "SMS");
  return notSent ? `${sms}, ${notSent.toLocaleString("en-AU")} not sent` : sms;
}

/** Return the run's state in a word or two. */
export function stateText(run: Pick<RunPartsFragment, "state" | "stoppedAt">): string {
  if (run.stoppedAt) return run.state === "FINISHED" ? "Stopped" : "Stopping";
  return { PLANNING: "Preparing", SENDING: "Sending", FINISHED: "Finished" }[run.state];
}

/** Return the run's state as a sentence, with the time it stopped or finished. */
export function stateSentence(run: RunPartsFragment, timeZone: string): string {
  if (run.stoppedAt) {
    const at = momentText(run.stoppedAt, timeZone);
    if (run.state !== "FINISHED") return `Stopped ${at}: cancelling what hasn’t gone yet.`;
    return run.cancelled > 0
      ? `Stopped ${at}: what hadn’t gone yet was cancelled.`
      : `Stopped ${at}: everything had already gone.`;
  }
  if (run.finishedAt) return `Finished ${momentText(run.finishedAt, timeZone)}.`;
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
    name: "Not confirmed",
    states: ["UNKNOWN"],
    means: "The SMS service hasn’t told us whether it took these.",
    toDo: "Each says whether we’re still checking. What we no longer check, we won’t resend.",
    open: true,
  },
  {
    key: "failed",
    name: "Failed",
    states: ["FAILED", "UNDELIVERED"],
    means: "These SMS didn’t get through.",
    toDo: "Call or write, or fix the number in your practice software.",
    open: true,
  },
  {
    key: "refused",
    name: "Not sent – blocked",
    states: ["REFUSED"],
    means: "We didn’t text these patients.",
    toDo: "Call or write, unless the reason says not to.",
    open: true,
  },
  {
    key: "cancelled",
    name: "Cancelled",
    states: ["CANCELLED"],
    means: "Stopped before sending.",
    toDo: "Anything still due is back in Recalls.",
    open: false,
  },
  {
    key: "waiting",
    name: "Waiting",
    states: ["QUEUED", "SENDING"],
    means: "Waiting to go.",
    toDo: "Nothing to do.",
    open: false,
  },
  {
    key: "sent",
    name: "Sent",
    states: ["SENT"],
    means: "Sent – waiting to hear whether they arrived.",
    toDo: "Nothing to do. The recall comes back if the patient isn’t seen.",
    open: false,
  },
  {
    key: "delivered",
    name: "Delivered",
    states: ["DELIVERED"],
    means: "These SMS arrived.",
    toDo: "Nothing to do. The recall comes back if the patient isn’t seen.",
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
