// Which recalls the list shows: what the address says and what was typed, as the API takes it.
import { useMemo } from "react";
import { useParams, useSearchParams } from "wouter";

import type { RecallFilter, RecallTab, SmsBlockReason } from "../../gql/graphql";
import { REASON } from "../../text/words";

export const TABS = [
  ["TO_ACTION", "", "To Action"],
  ["CALLS", "calls", "Calls"],
  ["LETTERS", "letters", "Letters"],
  ["ALL", "all", "All"],
] as const satisfies readonly (readonly [RecallTab, string, string])[];

/** `reason` in the address: one of the rule's, any of them, or none of them. */
export const NO_REASON = "none";
export const ANY_REASON = "any";

export interface Shown {
  readonly tab: RecallTab;
  readonly filter: RecallFilter;
  /** The same for the same recalls. */
  readonly key: string;
  /** Whether a filter restricts the tab. */
  readonly filtered: boolean;
}

/** Gives what is to be shown: as the page's address says, and the `words` of a name or number. */
export function useShown(words: string): Shown {
  const { tab: path = "" } = useParams();
  const [search] = useSearchParams();
  const text = search.toString();
  return useMemo(() => shownBy(path, text, words), [path, text, words]);
}

/** As `useShown`, of what the address has after `/recalls/` and after the question mark. */
export function shownBy(path: string, search: string, words: string): Shown {
  const given = new URLSearchParams(search);
  const tab = TABS.find(([, each]) => each === path)?.[0] ?? "TO_ACTION";
  const filter: { -readonly [Name in keyof RecallFilter]: RecallFilter[Name] } = {};
  const category = given.get("category");
  if (category) filter.categoryIds = [category];
  const from = given.get("from");
  if (isDate(from)) filter.dueFrom = from;
  const to = given.get("to");
  if (isDate(to)) filter.dueTo = to;
  if (words) filter.search = words;
  const reason = given.get("reason");
  if (reason === NO_REASON) filter.blocked = false;
  else if (reason === ANY_REASON) filter.blocked = true;
  else if (reason && reason in REASON) filter.reasons = [reason as SmsBlockReason];
  const filtered = Object.keys(filter).length > 0;
  return { tab, filter, filtered, key: JSON.stringify([tab, filter]) };
}

function isDate(text: string | null): text is string {
  return text !== null && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
}
