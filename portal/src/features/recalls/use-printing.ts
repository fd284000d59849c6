// Prints the recall list: loads what isn't loaded yet, and has it shown while the browser prints.
import { useEffect, useState } from "react";
import { flushSync } from "react-dom";

import { query } from "../../api/operations";
import { pagesOf } from "../../data/paged-list";
import { RecallsDocument } from "../../gql/graphql";
import { useLatest } from "../../ui/use-latest";
import type { Shown } from "./filter";
import type { RecallRow } from "./use-recall-list";

/** The most rows that are printed. */
export const MOST = 1000;

export interface Printing {
  /** What is printed; null unless the browser is printing. */
  readonly rows: readonly RecallRow[] | null;
  /** Load the list and print it; throws a `Failure`. */
  print(): Promise<void>;
}

/** Return what is printed: by `print` the whole list, by the browser's own command what is loaded. */
export function usePrinting({ tab, filter }: Shown, loaded: readonly RecallRow[]): Printing {
  const [rows, setRows] = useState<readonly RecallRow[] | null>(null);
  const latest = useLatest({ rows, loaded });
  useEffect(() => {
    const before = () => {
      if (!latest.current.rows) flushSync(() => setRows(latest.current.loaded.slice(0, MOST)));
    };
    const after = () => setRows(null);
    addEventListener("beforeprint", before);
    addEventListener("afterprint", after);
    return () => {
      removeEventListener("beforeprint", before);
      removeEventListener("afterprint", after);
    };
  }, [latest]);
  const print = async () => {
    const read = async (after: string | null) =>
      (await query(RecallsDocument, { tab, filter, first: 100, after })).recalls;
    const found: RecallRow[] = [];
    for await (const { nodes } of pagesOf(read)) {
      found.push(...nodes);
      if (found.length >= MOST) break;
    }
    flushSync(() => setRows(found.slice(0, MOST)));
    window.print();
  };
  return { rows, print };
}
