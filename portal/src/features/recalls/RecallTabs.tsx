// The tabs of the recall list, with how many recalls each has.
import { Link, useSearchParams } from "wouter";

import type { RecallCountsQuery } from "../../gql/graphql";
import { type Shown, TABS } from "./filter";

const COUNTED = { TO_ACTION: "toAction", CALLS: "calls", LETTERS: "letters", ALL: "all" } as const;

/** How many recalls match in what is shown; null until that is known. */
export function totalOf(counts: RecallCountsQuery | undefined, { tab }: Shown): number | null {
  return counts ? counts[COUNTED[tab!]].totalCount : null;
}

/** Leads from tab to tab, with the filter. */
export function RecallTabs({
  counts,
  shown,
}: {
  counts: RecallCountsQuery | undefined;
  shown: Shown;
}) {
  const [search] = useSearchParams();
  // The filter stays from tab to tab; an opened recall doesn't.
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
