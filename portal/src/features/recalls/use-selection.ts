// The selected recalls, for React.
import { useEffect, useMemo, useState } from "react";

import { useStore } from "../../data/store";
import type { Shown } from "./filter";
import { type Selected, SelectedRecalls, type Selecting } from "./selection";
import type { RecallList } from "./use-recall-list";

export interface Selection extends Selecting {
  /** How many of the selected aren't in the list. */
  readonly elsewhere: number;
  toggle(recall: Selected): void;
  add(recalls: readonly Selected[]): void;
  /** Deselect these recalls. */
  leaveOut(ids: Iterable<string>): void;
  clear(): void;
  /** Select all that match, page by page; throws a `Failure`. */
  selectAll(): Promise<void>;
}

type Rows = Pick<RecallList, "rows" | "complete" | "left" | "changing">;

/** Return the selection; its recalls are kept up to date from the list's rows. */
export function useSelection(shown: Shown, { rows, complete, left, changing }: Rows): Selection {
  const [selected] = useState(() => new SelectedRecalls());
  const { recalls, gathering, left: leftCount } = useStore(selected);
  useEffect(() => selected.show(shown.key), [selected, shown.key]);
  useEffect(() => selected.updateStatus(rows), [selected, rows]);
  useEffect(() => selected.leave(left), [selected, left]);
  const elsewhere = useMemo(
    () => (recalls.size && !changing ? selected.elsewhere(rows, complete) : 0),
    [selected, recalls, rows, complete, changing],
  );
  const { toggle, add, leaveOut, clear } = selected;
  const selectAll = () => selected.selectAll(shown);
  return {
    recalls,
    gathering,
    left: leftCount,
    elsewhere,
    toggle,
    add,
    leaveOut,
    clear,
    selectAll,
  };
}
