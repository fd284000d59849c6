// What the recall list says when it has no rows, and what to do next.
import { Link } from "wouter";

import type { Counts } from "./RecallTabs";
import type { Shown } from "./filter";

interface Props {
  shown: Shown;
  counts: Counts | undefined;
  onClear: () => void;
}

const NOTHING: Record<Shown["tab"], string> = {
  TO_ACTION: "All done – nothing is due.",
  CALLS: "All done – no calls to make.",
  LETTERS: "All done – no letters to post.",
  NEEDS_ATTENTION: "All done – no SMS failed or is in doubt.",
  WAITING: "Nothing is waiting.",
  ALL: "No recalls.",
};

/** Nothing matches, nothing is due, or nothing has arrived yet. */
export function EmptyList({ shown, counts, onClear }: Props) {
  const all = counts?.all ?? 0;
  if (!shown.filtered) {
    return (
      <div className="empty">
        <p>
          {counts && all === 0
            ? "No recalls have arrived from your practice software yet."
            : NOTHING[shown.tab]}
        </p>
      </div>
    );
  }
  return (
    <div className="empty">
      <p>No recalls match these filters.</p>
      <p className="empty-next">
        <button type="button" className="link" onClick={onClear}>
          Clear filters
        </button>
        {shown.tab !== "ALL" && all > 0 && (
          <Link href={`/recalls/all${location.search}`}>
            {all.toLocaleString("en-AU")} {all === 1 ? "match" : "matches"} in All
          </Link>
        )}
      </p>
    </div>
  );
}
