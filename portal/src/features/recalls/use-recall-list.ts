// The recall list's rows: loaded page by page as they come into view, and kept up to date.
import { useCallback, useEffect, useEffectEvent, useState } from "react";

import { query } from "../../api/operations";
import { useChanges } from "../../data/changes";
import { PagedList, rowsInView } from "../../data/paged-list";
import { useStore } from "../../data/store";
import { type RecallRowFragment, RecallsDocument } from "../../gql/graphql";
import type { Shown } from "./filter";

const PAGE = 100;
/** How many rows beyond those in view are loaded ahead. */
const AHEAD = 60;

export type RecallRow = RecallRowFragment;

export interface RecallList {
  readonly rows: readonly RecallRow[];
  /** Whether `rows` are all of them. */
  readonly complete: boolean;
  /** The key of what is shown, and of what `rows` belong to: the previous, until it is read. */
  readonly key: string;
  readonly of: string;
  /** Whether `rows` are still those of the previous tab or filter. */
  readonly changing: boolean;
  /** The rows that the last read found no longer in the list. */
  readonly left: readonly string[];
  readonly error: string;
  /** Take which rows are in view, and load or refresh them. */
  look(first: number, last: number): void;
  /** Take rows off the list at once, until it is read again. */
  drop(ids: readonly string[]): void;
}

const NONE: readonly RecallRow[] = [];

/**
 * Return the rows of what is shown, by due date. When something changes, the pages in view are read
 * again at once, the others when they come into view.
 */
export function useRecallList({ tab, filter, key }: Shown): RecallList {
  const [list] = useState(() => new PagedList<RecallRow>());
  const { nodes, of, more, error, left } = useStore(list);

  const begin = useEffectEvent((about: string) => {
    const read = async (after: string | null) =>
      (await query(RecallsDocument, { tab, filter, first: PAGE, after })).recalls;
    list.show(about, read, rowsInView(0, 0, AHEAD));
  });
  useEffect(() => begin(key), [key]);
  useChanges(["RECALLS", "BLOCKS", "SETUP"], list.refresh);

  const look = useCallback(
    (first: number, last: number) => list.want(rowsInView(first, last, AHEAD)),
    [list],
  );
  const complete = nodes !== undefined && !more;
  const drop = useCallback((ids: readonly string[]) => list.drop(ids), [list]);
  const changing = of !== key;
  return { rows: nodes ?? NONE, complete, key, of, changing, left, error, look, drop };
}
