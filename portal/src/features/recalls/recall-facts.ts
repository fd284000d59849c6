// What a recall's facts mean for the list: who may be contacted, what is urgent, somebody's age.
import { dateText, nameText } from "../../text/format";
import { STATE } from "../../text/words";
import type { Selected } from "./selection";
import type { RecallRow } from "./use-recall-list";

/** A way to act on recalls other than by SMS. */
export type Contact = "PHONE" | "LETTER" | "CLOSE";

/** Return whether a recall is still open. */
export const isOpen = ({ state }: Pick<Selected, "state">): boolean =>
  state === "TO_ACTION" || state === "WAITING";

/** Return whether a call or letter makes sense: the recall is open, the patient alive and active. */
export const canContact = (recall: Pick<Selected, "state" | "smsStatus">): boolean =>
  isOpen(recall) &&
  recall.smsStatus.reason !== "PATIENT_DECEASED" &&
  recall.smsStatus.reason !== "PATIENT_INACTIVE";

/** Return the recalls that the action can be taken for. */
export const fitFor = (what: Contact, recalls: readonly Selected[]): Selected[] =>
  recalls.filter(what === "CLOSE" ? isOpen : canContact);

/** Return whether the PMS's own word for the urgency means urgent. */
export const isUrgent = (urgency: string): boolean =>
  /\b(urgent|immediate)/i.test(urgency) && !/\bno[nt]\b/i.test(urgency);

/** Return the recall's status: "Waiting · back 1 Dec 2026". */
export const statusText = ({ state, backOn }: Pick<RecallRow, "state" | "backOn">): string =>
  backOn ? `${STATE[state]} · back ${dateText(backOn)}` : STATE[state];

/** Return the age in years on a day (`2026-11-23`). */
export function ageOn(day: string, birthDate: string): number {
  const years = Number(day.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return day.slice(5) < birthDate.slice(5) ? years - 1 : years;
}

/** Return "Priya Nair · Skin check". */
export const recallText = ({ patient, reason }: Selected): string =>
  `${nameText(patient)} · ${reason}`;
