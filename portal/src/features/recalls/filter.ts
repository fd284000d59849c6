// Turns the page's address and the search words into the API's filter for the recall list.
import { useMemo } from "react";
import { useParams, useSearchParams } from "wouter";

import type { RecallFilter, RecallTab, SmsBlockReason } from "../../gql/graphql";
import { REASON } from "../../text/words";

export const TABS = [
  ["TO_ACTION", "", "To Action"],
  ["CALLS", "calls", "Calls"],
  ["LETTERS", "letters", "Letters"],
  ["NEEDS_ATTENTION", "attention", "Needs attention"],
  ["WAITING", "waiting", "Waiting"],
  ["ALL", "all", "All"],
] as const satisfies readonly (readonly [RecallTab, string, string])[];

/** Values of `reason` in the address, beside the rule's own: no reason, or any. */
export const NO_REASON = "none";
export const ANY_REASON = "any";

export interface Shown {
  readonly tab: RecallTab;
  readonly filter: RecallFilter;
  /** Equal for the same tab and filter. */
  readonly key: string;
  /** Whether the tab is filtered. */
  readonly filtered: boolean;
}

/** Return the tab and filter from the page's address and `words` of a name or number. */
export function useShown(words: string): Shown {
  const { tab: path = "" } = useParams();
  const [search] = useSearchParams();
  const text = search.toString();
  return useMemo(() => shownBy(path, text, words), [path, text, words]);
}

/** Like `useShown`, from the address after `/recalls/` and after the question mark. */
export function shownBy(path: string, search: string, words: string): Shown {
  const params = new URLSearchParams(search);
  const tab = TABS.find(([, each]) => each === path)?.[0] ?? "TO_ACTION";
  const filter: { -readonly [Name in keyof RecallFilter]: RecallFilter[Name] } = {};
  const category = params.get("category");
  if (category) filter.categoryIds = [category];
  const from = params.get("from");
  if (isDate(from)) filter.dueFrom = from;
  const to = params.get("to");
  if (isDate(to)) filter.dueTo = to;
  if (words) filter.search = words;
  const reason = params.get("reason");
  if (reason === NO_REASON) filter.blocked = false;
  else if (reason === ANY_REASON) filter.blocked = true;
  else if (reason && reason in REASON) filter.reasons = [reason as SmsBlockReason];
  const filtered = Object.keys(filter).length > 0;
  return { tab, filter, filtered, key: JSON.stringify([tab, filter]) };
}

function isDate(text: string | null): text is string {
  return text !== null && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
}
