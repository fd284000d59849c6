// The recall list's tabs, each with its number of recalls.
import { Link, useSearchParams } from "wouter";

import type { RecallCountsQuery, RecallTab } from "../../gql/graphql";
import { type Shown, TABS } from "./filter";

export type Counts = RecallCountsQuery["recallCounts"];

const COUNTED = {
  TO_ACTION: "toAction",
  CALLS: "calls",
  LETTERS: "letters",
  NEEDS_ATTENTION: "needsAttention",
  WAITING: "waiting",
  ALL: "all",
} as const satisfies Record<RecallTab, keyof Counts>;

/** Return how many recalls the shown tab has, or null until the API has answered. */
export function totalOf(counts: Counts | undefined, { tab }: Shown): number | null {
  return counts ? counts[COUNTED[tab]] : null;
}

/** Links to the tabs, which keep the filter. */
export function RecallTabs({ counts, shown }: { counts: Counts | undefined; shown: Shown }) {
  const [search] = useSearchParams();
  // An open recall isn't kept.
  const kept = new URLSearchParams(search);
  kept.delete("recall");
  const query = kept.size ? `?${kept}` : "";
  return (
    <nav aria-label="Recall lists" className="tabs">
      {TABS.map(([tab, path, name]) => (
        <Link
          key={tab}
          href={`/recalls${path && `/${path}`}${query}`}
          aria-current={shown.tab === tab ? "page" : undefined}
        >
          {name}{" "}
          <span
            className={
              tab === "NEEDS_ATTENTION" && counts?.needsAttention
                ? "number tab-count tab-hot"
                : "number tab-count"
            }
          >
            {counts?.[COUNTED[tab]].toLocaleString("en-AU") ?? "…"}
          </span>
        </Link>
      ))}
    </nav>
  );
}
