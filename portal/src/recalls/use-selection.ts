// Which recalls are selected: one, a range, or all that match, beyond what is loaded.
import { useCallback, useEffect, useRef, useState } from "react";

import { read } from "../client";
import { RecallsToSelectDocument, type SelectedRecallFragment } from "../gql/graphql";
import type { RecallRow } from "./use-recall-list";
import type { Shown } from "./filter";

export type Selected = SelectedRecallFragment;

export interface Selection {
  readonly recalls: ReadonlyMap<string, Selected>;
  /** How many of all that match have been selected so far; null where that isn't under way. */
  readonly gathering: number | null;
  toggle(recall: Selected): void;
  add(recalls: readonly Selected[]): void;
  /** Leaves these recalls out. */
  leaveOut(ids: Iterable<string>): void;
  clear(): void;
  /** Selects all that match, page by page; throws a `Failure`. */
  selectAll(): Promise<void>;
}

/** The selection is of what is shown: with another tab or filter it begins anew. */
export function useSelection(shown: Shown, rows: readonly RecallRow[]): Selection {
  const [recalls, setRecalls] = useState<ReadonlyMap<string, Selected>>(new Map());
  const [gathering, setGathering] = useState<number | null>(null);
  const turn = useRef(0);

  const clear = useCallback(() => {
    turn.current += 1;
    setGathering(null);
    setRecalls(new Map());
  }, []);
  useEffect(clear, [shown.key, clear]);

  // What the rule says of the selected stays what the list knows.
  useEffect(() => {
    setRecalls((before) => {
      const news = rows.filter((row) => {
        const known = before.get(row.id);
        return known && JSON.stringify(known.smsStatus) !== JSON.stringify(row.smsStatus);
      });
      return news.length ? with_(before, news) : before;
    });
  }, [rows]);

  const add = useCallback((more: readonly Selected[]) => {
    setRecalls((before) => with_(before, more));
  }, []);
  const leaveOut = useCallback((ids: Iterable<string>) => {
    setRecalls((before) => {
      const after = new Map(before);
      for (const id of ids) after.delete(id);
      return after;
    });
  }, []);
  const toggle = useCallback((recall: Selected) => {
    setRecalls((before) => {
      const after = new Map(before);
      if (!after.delete(recall.id)) after.set(recall.id, recall);
      return after;
    });
  }, []);

  const { tab, filter } = shown;
  const selectAll = useCallback(async () => {
    const mine = (turn.current += 1);
    const found: Selected[] = [];
    let after: string | null = null;
    setGathering(0);
    try {
      do {
        const { recalls: page }: Awaited<ReturnType<typeof pageOf>> = await pageOf(after);
        if (turn.current !== mine) return;
        found.push(...page.nodes);
        setGathering(found.length);
        after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
      } while (after !== null);
      setRecalls(with_(new Map(), found));
    } finally {
      if (turn.current === mine) setGathering(null);
    }

    function pageOf(place: string | null) {
      return read(RecallsToSelectDocument, { tab, filter, after: place });
    }
  }, [tab, filter]);

  return { recalls, gathering, toggle, add, leaveOut, clear, selectAll };
}

function with_(before: ReadonlyMap<string, Selected>, more: readonly Selected[]) {
  const after = new Map(before);
  for (const recall of more) after.set(recall.id, recall);
  return after;
}
