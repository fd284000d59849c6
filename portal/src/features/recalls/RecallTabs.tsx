// The recall list's tabs, each with its number of recalls.
import { Link, useSearchParams } from "wouter";

import type { RecallCountsQuery } from "../../gql/graphql";
import { type Shown, TABS } from "./filter";

const COUNTED = { TO_ACTION: "toAction", CALLS: "calls", LETTERS: "letters", ALL: "all" } as const;

/** Return how many recalls the shown tab has, or null until the API has answered. */
export function totalOf(counts: RecallCountsQuery | undefined, { tab }: Shown): number | null {
  return counts ? counts[COUNTED[tab!]].totalCount : null;
}

/** Links to the tabs, which keep the filter. */
export function RecallTabs({
  counts,
  shown,
}: {
  counts: RecallCountsQuery | undefined;
  shown: Shown;
}) {
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
          <span className="number tab-count">
            {counts?.[COUNTED[tab]].totalCount.toLocaleString("en-AU") ?? "…"}
          </span>
        </Link>
      ))}
    </nav>
  );
}
