// The audit trail's filter: as it is typed, and as the API takes it.
import type { AuditAction, AuditFilter } from "../../../gql/graphql";
import { dayBegins } from "../../../text/moments";

/** The form's fields: days are in the practice's time zone, "" is any. */
export interface Chosen {
  readonly actions: readonly AuditAction[];
  readonly actor: string;
  readonly from: string;
  readonly to: string;
}

/** The filter in the page's address: the patient, and the actor; "" is any. */
export interface Address {
  readonly patientId: string;
  readonly actorId: string;
}

export const EVERYTHING: Chosen = { actions: [], actor: "", from: "", to: "" };

/** Return whether the last day is before the first. */
export const isBackwards = ({ from, to }: Chosen): boolean => from !== "" && to !== "" && to < from;

/** Return the filter as the API takes it; a field that isn't restricted is left out. */
export function asFilter({ actions, actor, from, to }: Chosen, address: Address, zone: string) {
  const filter: { -readonly [Name in keyof AuditFilter]: AuditFilter[Name] } = {};
  if (address.patientId) filter.patientId = address.patientId;
  if (address.actorId) filter.actorId = address.actorId;
  if (actor.trim()) filter.actor = actor.trim();
  if (actions.length) filter.actions = actions;
  if (from) filter.since = dayBegins(from, zone);
  if (to) filter.until = dayBegins(to, zone, 1);
  return filter as AuditFilter;
}
