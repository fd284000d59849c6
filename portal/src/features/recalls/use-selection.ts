// Which recalls are selected, for whatever shows them or does something with them.
import { useEffect, useState } from "react";

import { useStore } from "../../data/store";
import type { Shown } from "./filter";
import { type Selected, SelectedRecalls, type Selecting } from "./selection";
import type { RecallRow } from "./use-recall-list";

export interface Selection extends Selecting {
  toggle(recall: Selected): void;
  add(recalls: readonly Selected[]): void;
  /** Leaves these recalls out. */
  leaveOut(ids: Iterable<string>): void;
  clear(): void;
  /** Selects all that match, page by page; throws a `Failure`. */
  selectAll(): Promise<void>;
}

/** Gives the selection of what is shown; what the rule says of it stays what the list knows. */
export function useSelection(shown: Shown, rows: readonly RecallRow[]): Selection {
  const [selected] = useState(() => new SelectedRecalls());
  const { recalls, gathering } = useStore(selected);
  useEffect(() => selected.show(shown.key), [selected, shown.key]);
  useEffect(() => selected.learn(rows), [selected, rows]);
  const { toggle, add, leaveOut, clear } = selected;
  const selectAll = () => selected.selectAll(shown);
  return { recalls, gathering, toggle, add, leaveOut, clear, selectAll };
}
