// The selected recalls, for React.
import { useEffect, useState } from "react";

import { useStore } from "../../data/store";
import type { Shown } from "./filter";
import { type Selected, SelectedRecalls, type Selecting } from "./selection";
import type { RecallRow } from "./use-recall-list";

export interface Selection extends Selecting {
  toggle(recall: Selected): void;
  add(recalls: readonly Selected[]): void;
  /** Deselect these recalls. */
  leaveOut(ids: Iterable<string>): void;
  clear(): void;
  /** Select all that match, page by page; throws a `Failure`. */
  selectAll(): Promise<void>;
}

/** Return the selection of the shown list; its SMS status is kept up to date from `rows`. */
export function useSelection(shown: Shown, rows: readonly RecallRow[]): Selection {
  const [selected] = useState(() => new SelectedRecalls());
  const { recalls, gathering } = useStore(selected);
  useEffect(() => selected.show(shown.key), [selected, shown.key]);
  useEffect(() => selected.updateStatus(rows), [selected, rows]);
  const { toggle, add, leaveOut, clear } = selected;
  const selectAll = () => selected.selectAll(shown);
  return { recalls, gathering, toggle, add, leaveOut, clear, selectAll };
}
