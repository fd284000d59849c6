// The recall list, as a grid that renders only the rows in view.
import { defaultRangeExtractor, useWindowVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

import { useLatest } from "../../ui/use-latest";
import { RecallRowView } from "./RecallRowView";
import { type GridActions, useGridKeys } from "./use-grid-keys";
import type { RecallList, RecallRow } from "./use-recall-list";
import type { Selection } from "./use-selection";

interface Props {
  list: RecallList;
  /** How many recalls match; null until the API has answered. */
  total: number | null;
  selection: Selection;
  actions: GridActions;
}

/** A row's height in pixels until it is measured. */
const ESTIMATED_HEIGHT = 56;
/** Pixels at the window's top and bottom that the sticky header and the selection bar cover. */
const COVERED = { top: 48, bottom: 190 };

/** The rows in view, with space for all others. */
export function RecallTable({ list, total, selection, actions }: Props) {
  const { rows, complete, look } = list;
  const body = useRef<HTMLDivElement>(null);
  const [margin, setMargin] = useState(0);
  // Where the rows begin on the page, which changes as filters and notices above come and go.
  useLayoutEffect(() => {
    const measure = () => {
      const above = body.current?.getBoundingClientRect().top ?? 0;
      setMargin(Math.round(above + window.scrollY));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);

  // Rows that aren't loaded yet take up space, so that the scroll bar shows how many there are.
  const count = complete ? rows.length : Math.max(total ?? 0, rows.length + 1);
  const scroller = useRef<{ scrollToIndex(index: number): void }>(null);
  const scrollTo = useCallback((index: number) => scroller.current?.scrollToIndex(index), []);
  const { ref, active, onKeyDown, onFocus, onBlur, press } = useGridKeys(
    rows,
    selection,
    scrollTo,
    actions,
  );
  // Stable while the rows are, because a new function makes the virtualizer measure all rows anew,
  // also those to come; their keys are numbers, which cost less than texts.
  const keyOf = useCallback((index: number) => rows[index]?.id ?? index, [rows]);
  const virtual = useWindowVirtualizer({
    count,
    estimateSize: () => ESTIMATED_HEIGHT,
    overscan: 8,
    scrollMargin: margin,
    scrollPaddingStart: COVERED.top,
    scrollPaddingEnd: COVERED.bottom,
    getItemKey: keyOf,
    rangeExtractor: (range) => {
      const found = defaultRangeExtractor(range);
      // Always render the row that the keyboard is at, wherever the page is scrolled.
      if (active < 0 || active >= count || found.includes(active)) return found;
      return [...found, active].sort((a, b) => a - b);
    },
  });
  useLayoutEffect(() => {
    scroller.current = virtual;
  }, [virtual]);
  const items = virtual.getVirtualItems();
  // Not from `items`: the keyboard's row, which is one of them, may be far out of view.
  const { startIndex: first, endIndex: last } = virtual.range ?? { startIndex: 0, endIndex: 0 };
  useEffect(() => look(first, last), [look, first, last]);

  const latest = useLatest(actions);
  const open = useCallback((recall: RecallRow) => latest.current.open(recall), [latest]);

  const every = rows.length > 0 && rows.every((row) => selection.recalls.has(row.id));
  const some = selection.recalls.size > 0;
  return (
    <div
      role="grid"
      aria-label="Recalls"
      aria-rowcount={count + 1}
      aria-multiselectable="true"
      aria-busy={list.changing}
      className={list.changing ? "grid grid-changing" : "grid"}
      ref={ref}
      onKeyDown={onKeyDown}
      onFocus={onFocus}
      onBlur={onBlur}
    >
      <div role="rowgroup">
        <div role="row" aria-rowindex={1} className="grid-head">
          <span role="columnheader" className="cell-check">
            <input
              type="checkbox"
              aria-label="Select all that match"
              checked={every && complete}
              ref={(box) => {
                if (box) box.indeterminate = some && !(every && complete);
              }}
              onChange={() => (some ? selection.clear() : actions.selectAll())}
            />
          </span>
          <span role="columnheader">Patient</span>
          <span role="columnheader">Reason</span>
          <span role="columnheader">Category</span>
          <span role="columnheader">Due</span>
          <span role="columnheader">Last attempt</span>
          <span role="columnheader">Actions</span>
        </div>
      </div>
      <div
        role="rowgroup"
        ref={body}
        style={{ height: virtual.getTotalSize(), position: "relative" }}
      >
        {items.map(({ index, key, start }) => {
          const row = rows[index];
          const top = start - margin;
          return row ? (
            <RecallRowView
              key={key}
              recall={row}
              index={index}
              active={active === index}
              selected={selection.recalls.has(row.id)}
              top={top}
              measure={virtual.measureElement}
              onPress={press}
              onOpen={open}
            />
          ) : (
            <div
              key={key}
              role="row"
              aria-rowindex={index + 2}
              className="grid-row grid-row-to-come"
              style={{ transform: `translateY(${top}px)`, height: ESTIMATED_HEIGHT }}
            >
              <span role="gridcell" className="quiet">
                Loading…
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}
