// The rows of the recall list: loaded page by page as far as one looks, and kept as they are.
import { useCallback, useEffect, useRef, useState } from "react";

import { Failure, read } from "../client";
import { type RecallRowFragment, RecallsDocument } from "../gql/graphql";
import { useChanges } from "../live";
import type { Shown } from "./filter";

const PAGE = 100;
/** Rows: so many beyond those in view are loaded ahead. */
const AHEAD = 60;

export type RecallRow = RecallRowFragment;

interface Page {
  readonly after: string | null;
  rows: readonly RecallRow[];
  /** The cursor that the next page comes after; null where there is none. */
  next: string | null;
  stale: boolean;
}

export interface RecallList {
  readonly rows: readonly RecallRow[];
  /** Whether `rows` are all there are. */
  readonly complete: boolean;
  /** Whether `rows` are still those of what was shown before. */
  readonly changing: boolean;
  readonly error: string;
  /** Says which rows are in view, so that they are there and up to date. */
  look(first: number, last: number): void;
}

/**
 * Gives the rows of what is shown. They go by the due date, and each page begins after the one
 * before, so a row that comes or goes moves no other page. When something changes, the pages in
 * view are read anew at once, the others when they come into view.
 */
export function useRecallList({ tab, filter, key }: Shown): RecallList {
  const pages = useRef<Page[]>([]);
  const view = useRef({ first: 0, last: 0 });
  /** How often something has changed: what was asked for before that may be older. */
  const news = useRef(0);
  /** What is shown now; another each time, though it be the same again. */
  const current = useRef({ key: "" });
  const underWay = useRef<{ key: string } | null>(null);
  const [state, setState] = useState<{ rows: readonly RecallRow[]; of: string; complete: boolean }>(
    { rows: [], of: "", complete: false },
  );
  const [error, setError] = useState("");
  const shown = useRef({ tab, filter });
  shown.current = { tab, filter };

  const pump = useCallback(async () => {
    const mine = current.current;
    if (underWay.current === mine) return;
    underWay.current = mine;
    try {
      for (;;) {
        const index = nextPage(pages.current, view.current);
        if (index === null) break;
        const before = news.current;
        const after = index === 0 ? null : (pages.current[index - 1]?.next ?? null);
        const { recalls } = await read(RecallsDocument, { ...shown.current, first: PAGE, after });
        if (current.current !== mine) return;
        const next = recalls.pageInfo.hasNextPage ? recalls.pageInfo.endCursor : null;
        pages.current[index] = { after, rows: recalls.nodes, next, stale: news.current !== before };
        const following = pages.current[index + 1];
        if (next === null) pages.current.length = index + 1;
        else if (following && following.after !== next) following.stale = true;
        setState({
          rows: eachOnce(pages.current),
          of: mine.key,
          complete: isComplete(pages.current),
        });
        setError("");
      }
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      if (current.current === mine) setError(thrown.message);
    } finally {
      if (underWay.current === mine) underWay.current = null;
    }
  }, []);

  useEffect(() => {
    current.current = { key };
    pages.current = [];
    view.current = { first: 0, last: 0 };
    void pump();
  }, [key, pump]);

  const refresh = useCallback(() => {
    news.current += 1;
    for (const page of pages.current) page.stale = true;
    void pump();
  }, [pump]);
  useChanges(["RECALLS", "BLOCKS", "SETUP"], refresh);

  const look = useCallback(
    (first: number, last: number) => {
      view.current = { first, last };
      void pump();
    },
    [pump],
  );
  return { ...state, changing: state.of !== key, error, look };
}

/** Gives the first page in view that is missing or stale; null where all is well. */
function nextPage(pages: readonly Page[], view: { first: number; last: number }): number | null {
  let start = 0;
  for (const [index, page] of pages.entries()) {
    const end = start + page.rows.length;
    if (page.stale && start <= view.last && end >= view.first) return index;
    start = end;
  }
  const last = pages.at(-1);
  if (!last) return 0;
  return last.next !== null && view.last + AHEAD >= start ? pages.length : null;
}

const isComplete = (pages: readonly Page[]) => pages.at(-1)?.next === null;

/** A row that has moved may be in two pages until both are read anew. */
function eachOnce(pages: readonly Page[]): RecallRow[] {
  const seen = new Map<string, RecallRow>();
  for (const page of pages)
    for (const row of page.rows) if (!seen.has(row.id)) seen.set(row.id, row);
  return [...seen.values()];
}
