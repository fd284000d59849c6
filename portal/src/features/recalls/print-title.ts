// What a printed list says that it is: its tab, and what it is filtered by.
import { REASON } from "../../text/words";
import { dueName } from "./due";
import { type Shown, TABS } from "./filter";
import type { RecallRow } from "./use-recall-list";

/** Return "To Action · Skin checks · due: Overdue", for a day (`2026-11-23`). */
export function printTitle(
  { tab, filter }: Shown,
  rows: readonly RecallRow[],
  day: string,
): string {
  const due = dueName({ from: filter.dueFrom ?? "", to: filter.dueTo ?? "" }, day);
  const reason = filter.reasons?.[0];
  return [
    TABS.find(([each]) => each === tab)?.[2],
    filter.categoryIds && rows[0]?.category?.name,
    filter.blocked === false && "SMS can be sent",
    filter.blocked === true && "no SMS, or ask first",
    reason && REASON[reason],
    due && `due: ${due}`,
    filter.search && `“${filter.search}”`,
  ]
    .filter(Boolean)
    .join(" · ");
}
