// The recall list by keyboard: which row it is at, and what each key does.
import { useCallback, useEffect, useRef, useState } from "react";

import { useLatest } from "../../ui/use-latest";
import type { RecallRow } from "./use-recall-list";
import type { Selection } from "./use-selection";

/** Rows that Page Up and Page Down move by. */
const LEAP = 10;

export interface GridActions {
  open(recall: RecallRow): void;
  /** s, c, l or n: for the selected, or without a selection for the row `at`. */
  act(key: "s" | "c" | "l" | "n", at: RecallRow): void;
  selectAll(): void;
}

export interface Grid {
  /** The index of the row that the keyboard is at; -1 if there is none. */
  readonly active: number;
  /** The grid's element. */
  readonly ref: React.RefObject<HTMLDivElement | null>;
  onKeyDown(event: React.KeyboardEvent): void;
  onFocus(event: React.FocusEvent): void;
  onBlur(event: React.FocusEvent): void;
  /** A press on a row's checkbox; with Shift (`range`), select from the last one to this. */
  press(index: number, range: boolean): void;
}

/**
 * Make one row reachable by Tab; the arrows (or j and k) move from there. Single letters work only
 * while the list has the focus, so that typing or speech input elsewhere triggers nothing
 * (WCAG 2.1.4).
 */
export function useGridKeys(
  rows: readonly RecallRow[],
  selection: Selection,
  scrollTo: (index: number) => void,
  actions: GridActions,
): Grid {
  const ref = useRef<HTMLDivElement>(null);
  /** The row that the keyboard is at, and its last index. */
  const [at, setAt] = useState({ id: "", index: 0 });
  const anchor = useRef("");
  const inside = useRef(false);
  const wanted = useRef(false);

  const found = rows.findIndex((row) => row.id === at.id);
  // If the row is gone, the one that took its place.
  const active = found >= 0 ? found : Math.min(at.index, Math.max(rows.length - 1, 0));
  if (active !== at.index) setAt({ ...at, index: active });

  useEffect(() => {
    // The focus follows the keyboard's row. It is lost if the focused row was removed.
    const lost = inside.current && document.activeElement === document.body;
    if (!wanted.current && !lost) return;
    const row = ref.current?.querySelector<HTMLElement>(`[data-index="${active}"]`);
    if (!row) return;
    // Into view if a key led there: where the window is low, the page scrolls as well as the list.
    row.focus({ preventScroll: !wanted.current });
    wanted.current = false;
  });

  useEffect(() => {
    // A press outside the list and its dialogs leaves the list.
    const press = ({ target }: Event) => {
      const list = ref.current?.contains(target as Node);
      if (!list && !(target as Element).closest("[role=dialog], [role=alertdialog]")) {
        inside.current = false;
      }
    };
    addEventListener("pointerdown", press, true);
    return () => removeEventListener("pointerdown", press, true);
  }, []);

  const go = useCallback(
    (index: number) => {
      const to = Math.max(0, Math.min(index, rows.length - 1));
      const row = rows[to];
      if (!row) return to;
      wanted.current = true;
      setAt({ id: row.id, index: to });
      scrollTo(to);
      return to;
    },
    [rows, scrollTo],
  );

  const range = (to: number) => {
    const from = rows.findIndex((row) => row.id === anchor.current);
    const [low, high] = from < 0 ? [to, to] : [Math.min(from, to), Math.max(from, to)];
    selection.add(rows.slice(low, high + 1));
  };

  const latest = useLatest({ rows, selection, range });
  // Stable, so that a row is rendered again only if it has changed.
  const press = useCallback(
    (index: number, isRange: boolean) => {
      const row = latest.current.rows[index];
      if (!row) return;
      setAt({ id: row.id, index });
      if (isRange) latest.current.range(index);
      else latest.current.selection.toggle(row);
      anchor.current = row.id;
    },
    [latest],
  );

  const onKeyDown = (event: React.KeyboardEvent) => {
    const control = (event.target as Element).closest("button, input, a");
    const row = rows[active];
    if (!row) return;
    if ((event.ctrlKey || event.metaKey) && event.key === "a") {
      event.preventDefault();
      actions.selectAll();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // Enter and Space on a control are the control's own.
    if (control && (event.key === "Enter" || event.key === " ")) return;
    const moves: Record<string, number> = {
      ArrowDown: active + 1,
      j: active + 1,
      ArrowUp: active - 1,
      k: active - 1,
      PageDown: active + LEAP,
      PageUp: active - LEAP,
      Home: 0,
      End: rows.length - 1,
    };
    const to = moves[event.key];
    if (to !== undefined) {
      event.preventDefault();
      if (event.shiftKey && !anchor.current) anchor.current = row.id;
      const reached = go(to);
      if (event.shiftKey) range(reached);
      else anchor.current = "";
      return;
    }
    switch (event.key) {
      case " ":
      case "x":
        event.preventDefault();
        press(active, event.shiftKey);
        return;
      case "X":
        press(active, true);
        return;
      case "Enter":
      case "o":
        event.preventDefault();
        actions.open(row);
        return;
      case "Escape":
        selection.clear();
        return;
      case "s":
      case "c":
      case "l":
      case "n":
        event.preventDefault();
        actions.act(event.key, row);
    }
  };

  return {
    active: rows[active] ? active : -1,
    ref,
    onKeyDown,
    press,
    onFocus: (event) => {
      inside.current = true;
      const row = (event.target as Element).closest<HTMLElement>("[data-index]");
      const index = Number(row?.dataset["index"] ?? -1);
      const id = rows[index]?.id;
      if (id && id !== at.id) setAt({ id, index });
    },
    onBlur: ({ relatedTarget: taker }) => {
      // No taker: the row was removed. A dialog took it: the focus comes back when that closes.
      if (taker && !taker.closest("[role=dialog], [role=alertdialog]")) inside.current = false;
    },
  };
}
