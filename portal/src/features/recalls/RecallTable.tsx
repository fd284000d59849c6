// The recall list, as a grid that renders only the rows in view, and scrolls by itself.
import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef } from "react";

import { useLatest } from "../../ui/use-latest";
import { useMedia } from "../../ui/use-media";
import { GridHead } from "./GridHead";
import { RecallRowView } from "./RecallRowView";
import type { Contact } from "./recall-facts";
import { scrollPlace } from "./scroll-place";
import { type GridActions, useGridKeys } from "./use-grid-keys";
import type { RecallList, RecallRow } from "./use-recall-list";
import type { Selection } from "./use-selection";
import { useSteady } from "./use-steady";

export interface TableActions extends GridActions {
  /** Record a call or letter, or no further action, for one recall. */
  contact(what: Contact, recall: RecallRow): void;
}

interface Props {
  list: RecallList;
  /** How many recalls match; null until the API has answered. */
  total: number | null;
  selection: Selection;
  actions: TableActions;
}

/** Pixels, as in recalls.css, if the text has its usual size: a row, a card, the column names. */
const [ROW, CARD, HEAD, TALL_HEAD] = [46, 84, 34, 44];
/** Pixels at the bottom that the selection bar covers. */
const COVERED = 72;

/** How many times its usual size the text has. */
const textScale = () => parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 || 1;

/** The rows in view, with space for all others. */
export function RecallTable({ list, total, selection, actions }: Props) {
  const { complete, look } = list;
  const { rows, onPointerDown } = useSteady(list.rows);
  const cards = useMedia("(max-width: 699.98px)");
  const coarse = useMedia("(pointer: coarse)");
  const scale = useMemo(textScale, []);
  const height = (cards ? CARD : ROW) * scale;
  const head = (coarse ? TALL_HEAD : HEAD) * scale;

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
  // Stable while the rows are; the keys of rows to come are numbers, which cost less than texts.
  const keyOf = useCallback((index: number) => rows[index]?.id ?? index, [rows]);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => ref.current,
    initialOffset: () => scrollPlace.of(list.key),
    estimateSize: () => height,
    overscan: 8,
    scrollMargin: head,
    scrollPaddingStart: head,
    scrollPaddingEnd: COVERED,
    getItemKey: keyOf,
    rangeExtractor: (range) => {
      const found = defaultRangeExtractor(range);
      // Always render the row that the keyboard is at, wherever the list is scrolled.
      if (active < 0 || active >= count || found.includes(active)) return found;
      return [...found, active].sort((a, b) => a - b);
    },
  });
  useLayoutEffect(() => {
    scroller.current = virtual;
  }, [virtual]);
  useLayoutEffect(() => virtual.measure(), [virtual, height]);
  const shown = useRef(list.of);
  useLayoutEffect(() => {
    if (shown.current && shown.current !== list.of) ref.current?.scrollTo(0, 0);
    shown.current = list.of;
  }, [ref, list.of]);
  // Not from the items: the keyboard's row, which is one of them, may be far out of view.
  const { startIndex: first, endIndex: last } = virtual.range ?? { startIndex: 0, endIndex: 0 };
  useEffect(() => look(first, last), [look, first, last]);

  const latest = useLatest(actions);
  const open = useCallback((recall: RecallRow) => latest.current.open(recall), [latest]);
  const contact = useCallback(
    (what: Contact, recall: RecallRow) => latest.current.contact(what, recall),
    [latest],
  );

  return (
    <div
      role="grid"
      aria-label="Recalls"
      aria-rowcount={count + 1}
      aria-colcount={7}
      aria-multiselectable="true"
      aria-busy={list.changing}
      className={list.changing ? "grid grid-changing" : "grid"}
      ref={ref}
      onKeyDown={onKeyDown}
      onFocus={onFocus}
      onBlur={onBlur}
      onPointerDown={onPointerDown}
      onScroll={({ currentTarget }) => {
        if (!list.changing) scrollPlace.keep(list.key, currentTarget.scrollTop);
      }}
    >
      <GridHead
        rows={rows}
        complete={complete}
        total={total}
        selection={selection}
        onSelectAll={actions.selectAll}
      />
      <div role="rowgroup" className="grid-body" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, key, start }) => {
          const row = rows[index];
          const top = start - head;
          return row ? (
            <RecallRowView
              key={key}
              recall={row}
              index={index}
              active={active === index}
              selected={selection.recalls.has(row.id)}
              top={top}
              onPress={press}
              onOpen={open}
              onAct={contact}
            />
          ) : (
            <div
              key={key}
              role="row"
              aria-rowindex={index + 2}
              className="grid-row grid-row-to-come"
              style={{ transform: `translateY(${top}px)` }}
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
