// The selected recalls of the shown list: one, a range, or all that match, even if not loaded.
import { query } from "../../api/operations";
import { pagesOf } from "../../data/paged-list";
import { createStore } from "../../data/store";
import { RecallsToSelectDocument, type SelectedRecallFragment } from "../../gql/graphql";
import type { Shown } from "./filter";

export type Selected = SelectedRecallFragment;

/** What is selected, and the progress of selecting all that match. */
export interface Selecting {
  readonly recalls: ReadonlyMap<string, Selected>;
  /** How many have been read so far while selecting all that match; null otherwise. */
  readonly gathering: number | null;
}

/** The selection of the shown list; cleared when another list is shown. */
export class SelectedRecalls {
  readonly #store = createStore<Selecting>({ recalls: new Map(), gathering: null });
  #key = "";
  /** Counts `selectAll` and `clear`, so that an outdated `selectAll` can tell and stop. */
  #turn = 0;

  readonly get = this.#store.get;
  readonly subscribe = this.#store.subscribe;

  /** Take the key of what is shown; another tab or filter clears the selection. */
  show(key: string): void {
    if (this.#key && key !== this.#key) this.clear();
    this.#key = key;
  }

  readonly clear = (): void => {
    this.#turn += 1;
    this.#store.set({ recalls: new Map(), gathering: null });
  };

  readonly add = (more: readonly Selected[]): void =>
    this.#change((recalls) => {
      for (const recall of more) recalls.set(recall.id, recall);
    });

  readonly leaveOut = (ids: Iterable<string>): void =>
    this.#change((recalls) => {
      for (const id of ids) recalls.delete(id);
    });

  readonly toggle = (recall: Selected): void =>
    this.#change((recalls) => {
      if (!recalls.delete(recall.id)) recalls.set(recall.id, recall);
    });

  /** Update the selected recalls' SMS status from rows that were read again. */
  updateStatus(rows: readonly Selected[]): void {
    const { recalls } = this.get();
    const changed = rows.filter((row) => {
      const known = recalls.get(row.id);
      return known && JSON.stringify(known.smsStatus) !== JSON.stringify(row.smsStatus);
    });
    if (changed.length) this.add(changed);
  }

  /** Select all that match, page by page; throws a `Failure`. */
  async selectAll({ tab, filter }: Shown): Promise<void> {
    const turn = (this.#turn += 1);
    const read = async (after: string | null) =>
      (await query(RecallsToSelectDocument, { tab, filter, after })).recalls;
    const found = new Map<string, Selected>();
    this.#gathered(0);
    try {
      for await (const { nodes } of pagesOf(read)) {
        if (this.#turn !== turn) return;
        for (const recall of nodes) found.set(recall.id, recall);
        this.#gathered(found.size);
      }
      if (this.#turn === turn) this.#store.set({ recalls: found, gathering: null });
    } finally {
      if (this.#turn === turn) this.#gathered(null);
    }
  }

  #gathered(gathering: number | null): void {
    this.#store.set({ ...this.get(), gathering });
  }

  #change(by: (recalls: Map<string, Selected>) => void): void {
    const recalls = new Map(this.get().recalls);
    by(recalls);
    this.#store.set({ ...this.get(), recalls });
  }
}
