// The names of the list's columns, and the box that selects all recalls or none.
import type { RecallRow } from "./use-recall-list";
import type { Selection } from "./use-selection";

interface Props {
  rows: readonly RecallRow[];
  /** Whether `rows` are all of them. */
  complete: boolean;
  /** How many there are; null until the API has answered. */
  total: number | null;
  selection: Selection;
  onSelectAll: () => void;
}

const COLUMNS = [
  ["Patient", "patient"],
  ["Recall", "recall"],
  ["Mobile", "mobile"],
  ["Due", "due"],
  ["Last contact", "last"],
  ["Actions", "actions"],
] as const;

/** The row of column names, which stays at the top. */
export function GridHead({ rows, complete, total, selection, onSelectAll }: Props) {
  const loaded = rows.length > 0 && rows.every((row) => selection.recalls.has(row.id));
  const every = loaded && (complete || selection.recalls.size >= (total ?? Infinity));
  const some = selection.recalls.size > 0;
  return (
    <div role="rowgroup" className="grid-top">
      <div role="row" aria-rowindex={1} className="grid-head">
        <span role="columnheader" aria-colindex={1} className="cell-check">
          <label>
            <input
              type="checkbox"
              aria-label={
                total === null ? "Select all" : `Select all ${total.toLocaleString("en-AU")}`
              }
              checked={every}
              ref={(box) => {
                if (box) box.indeterminate = some && !every;
              }}
              onChange={() => (every ? selection.clear() : onSelectAll())}
            />
          </label>
        </span>
        {COLUMNS.map(([name, cell], at) => (
          <span
            key={cell}
            role="columnheader"
            aria-colindex={at + 2}
            aria-sort={cell === "due" ? "ascending" : undefined}
            className={`cell-${cell}`}
          >
            {name}
            {cell === "due" && <span aria-hidden="true"> ↑</span>}
          </span>
        ))}
      </div>
    </div>
  );
}
