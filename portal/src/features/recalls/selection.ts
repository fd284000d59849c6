// The selected recalls: one, a range, or all that match, from whatever tabs and filters.
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
  /** How many were deselected because they left the list by themselves. */
  readonly left: number;
}

const NOTHING: Selecting = { recalls: new Map(), gathering: null, left: 0 };

/** The selection, which other tabs and filters leave as it is. */
export class SelectedRecalls {
  readonly #store = createStore(NOTHING);
  /** The list in which each was selected. */
  readonly #from = new Map<string, string>();
  #list = "";
  /** Counts `selectAll`, `clear` and lists, so that an outdated `selectAll` can tell and stop. */
  #turn = 0;

  readonly get = this.#store.get;
  readonly subscribe = this.#store.subscribe;

  /** Take the key of what is shown; selecting all of another list ends. */
  show(list: string): void {
    if (list === this.#list) return;
    this.#list = list;
    this.#turn += 1;
    if (this.get().gathering !== null) this.#gathered(null);
  }

  readonly clear = (): void => {
    this.#turn += 1;
    this.#from.clear();
    this.#store.set(NOTHING);
  };

  readonly add = (more: readonly Selected[]): void =>
    this.#change((recalls) => {
      for (const recall of more) this.#put(recalls, recall);
    });

  /** Deselect recalls that were dealt with. */
  readonly leaveOut = (ids: Iterable<string>): void =>
    this.#change((recalls) => {
      for (const id of ids) recalls.delete(id);
    });

  readonly toggle = (recall: Selected): void =>
    this.#change((recalls) => {
      if (!recalls.delete(recall.id)) this.#put(recalls, recall);
    });

  /** Deselect recalls that left the list by themselves, and count them. */
  leave(ids: readonly string[]): void {
    const { recalls, left } = this.get();
    const gone = ids.filter((id) => recalls.has(id));
    if (!gone.length) return;
    this.leaveOut(gone);
    this.#store.set({ ...this.get(), left: left + gone.length });
  }

  /** Update the selected recalls' status from rows that were read again. */
  updateStatus(rows: readonly Selected[]): void {
    const { recalls } = this.get();
    const isNews = (known: Selected, row: Selected) =>
      known.state !== row.state ||
      JSON.stringify(known.smsStatus) !== JSON.stringify(row.smsStatus);
    const changed = rows.filter((row) => {
      const known = recalls.get(row.id);
      return known && isNews(known, row);
    });
    if (!changed.length) return;
    const next = new Map(recalls);
    for (const row of changed) next.set(row.id, row);
    this.#store.set({ ...this.get(), recalls: next });
  }

  /** Return how many of the selected aren't among the rows, nor were selected in their list. */
  elsewhere(rows: readonly Selected[], complete: boolean): number {
    const here = new Set(rows.map(({ id }) => id));
    let count = 0;
    for (const id of this.get().recalls.keys()) {
      if (!here.has(id) && (complete || this.#from.get(id) !== this.#list)) count += 1;
    }
    return count;
  }

  /** Select all that match as well, page by page; throws a `Failure`. */
  async selectAll({ tab, filter }: Shown): Promise<void> {
    const turn = (this.#turn += 1);
    const read = async (after: string | null) =>
      (await query(RecallsToSelectDocument, { tab, filter, after })).recalls;
    const found: Selected[] = [];
    this.#gathered(0);
    try {
      for await (const { nodes } of pagesOf(read)) {
        if (this.#turn !== turn) return;
        found.push(...nodes);
        this.#gathered(found.length);
      }
      if (this.#turn === turn) this.add(found);
    } finally {
      if (this.#turn === turn) this.#gathered(null);
    }
  }

  #put(recalls: Map<string, Selected>, recall: Selected): void {
    recalls.set(recall.id, recall);
    this.#from.set(recall.id, this.#list);
  }

  #gathered(gathering: number | null): void {
    this.#store.set({ ...this.get(), gathering });
  }

  #change(by: (recalls: Map<string, Selected>) => void): void {
    const recalls = new Map(this.get().recalls);
    by(recalls);
    this.#store.set({ ...this.get(), recalls, left: 0 });
  }
}
