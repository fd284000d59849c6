// What sending the selected would do, in a sentence or three.
import type { SmsBlockReason } from "../../gql/graphql";
import { REASON } from "../../text/words";
import type { Selection } from "./use-selection";
import type { Count, Preview } from "./use-send-preview";

/** Why no SMS can go, after a number: "6 blocked". */
const CANT: Record<SmsBlockReason, string> = {
  PATIENT_DECEASED: "deceased",
  PATIENT_INACTIVE: "inactive",
  MOBILE_MISSING: "no mobile",
  MOBILE_INVALID: "wrong number",
  BLOCKED_COMMUNICATION: "blocked",
  PMS_CONSENT_UNREADABLE: REASON.PMS_CONSENT_UNREADABLE,
  PMS_CONSENT_WITHHELD: REASON.PMS_CONSENT_WITHHELD,
};

const text = (number: number): string => number.toLocaleString("en-AU");
const sum = (counts: readonly Count[]): number => counts.reduce((all, { count }) => all + count, 0);

/** Return what would be sent, to whom not and why not; "" until anything is known. */
export function summaryText(preview: Preview, recalls: Selection["recalls"]): string {
  const { messages, segments, refusals, toConfirm, skipped, sendable } = preview;
  const leftOut = skipped
    ? `${text(skipped)} left out: closed, or an SMS is already on its way.`
    : "";
  if (!sendable) {
    const [only] = recalls.size === 1 ? recalls.values() : [];
    const why = only?.smsStatus.message ?? reasons(refusals);
    // Only for blocked numbers, and not if a patient has died; other advice is in the rule's text.
    const call =
      refusals.some((each) => each.reason === "BLOCKED_COMMUNICATION") &&
      !refusals.some((each) => each.reason === "PATIENT_DECEASED");
    // The rule's texts are sentences, some of them without a full stop.
    const cant = why
      ? `No SMS can be sent: ${why.replace(/\.$/, "")}.${call ? " Call or write instead." : ""}`
      : "";
    return [cant, leftOut].filter(Boolean).join(" ");
  }
  const charged =
    segments !== null && segments !== messages ? ` (charged as ${text(segments)})` : "";
  const ask = sum(toConfirm);
  const asked = !ask ? "" : ask === recalls.size - sum(refusals) - skipped ? "all" : text(ask);
  const cant = sum(refusals);
  return [
    messages === null
      ? ""
      : `${text(messages)} SMS${charged}${asked ? `, ${asked} to check first` : ""}.`,
    cant ? `${text(cant)} can’t get SMS: ${reasons(refusals)}.` : "",
    leftOut,
  ]
    .filter(Boolean)
    .join(" ");
}

/** Return "6 blocked, 1 no mobile". */
const reasons = (counts: readonly Count[]): string =>
  counts.map(({ reason, count }) => `${text(count)} ${CANT[reason]}`).join(", ");
