// Which events of the audit trail are asked for: as it is typed, and as the API takes it.
import type { AuditAction, AuditFilter } from "../../../gql/graphql";
import { dayBegins } from "../../../text/moments";

/** As it is typed: days are the practice's, "" is any. */
export interface Chosen {
  readonly actions: readonly AuditAction[];
  readonly actor: string;
  readonly from: string;
  readonly to: string;
}

/** What the page's address restricts: whom it is about, and who did it; "" is any. */
export interface Address {
  readonly patientId: string;
  readonly actorId: string;
}

export const EVERYTHING: Chosen = { actions: [], actor: "", from: "", to: "" };

/** Whether the last day is before the first. */
export const isBackwards = ({ from, to }: Chosen): boolean => from !== "" && to !== "" && to < from;

/** As the API takes it, with nothing where nothing is restricted. */
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
