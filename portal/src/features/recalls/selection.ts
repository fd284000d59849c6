// The recalls that are selected of what is shown: one, a range, or all that match, beyond what is loaded.
import { query } from "../../api/operations";
import { pagesOf } from "../../data/paged-list";
import { createStore } from "../../data/store";
import { RecallsToSelectDocument, type SelectedRecallFragment } from "../../gql/graphql";
import type { Shown } from "./filter";

export type Selected = SelectedRecallFragment;

/** What is selected, and how far it has come with all that match. */
export interface Selecting {
  readonly recalls: ReadonlyMap<string, Selected>;
  /** How many of all that match have been selected so far; null where that isn't under way. */
  readonly gathering: number | null;
}

/** Holds what is selected; of one list after the other, and nothing of the one before. */
export class SelectedRecalls {
  readonly #store = createStore<Selecting>({ recalls: new Map(), gathering: null });
  #key = "";
  /** How often all that match were wanted, or no longer. */
  #turn = 0;

  readonly get = this.#store.get;
  readonly subscribe = this.#store.subscribe;

  /** Says what is shown: with another tab or filter the selection begins anew. */
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

  /** Takes up what the rule says now of those that are selected. */
  learn(rows: readonly Selected[]): void {
    const { recalls } = this.get();
    const news = rows.filter((row) => {
      const known = recalls.get(row.id);
      return known && JSON.stringify(known.smsStatus) !== JSON.stringify(row.smsStatus);
    });
    if (news.length) this.add(news);
  }

  /** Selects all that match, page by page; throws a `Failure`. */
  async selectAll({ tab, filter }: Shown): Promise<void> {
    const mine = (this.#turn += 1);
    const read = async (after: string | null) =>
      (await query(RecallsToSelectDocument, { tab, filter, after })).recalls;
    const found = new Map<string, Selected>();
    this.#gathered(0);
    try {
      for await (const { nodes } of pagesOf(read)) {
        if (this.#turn !== mine) return;
        for (const recall of nodes) found.set(recall.id, recall);
        this.#gathered(found.size);
      }
      if (this.#turn === mine) this.#store.set({ recalls: found, gathering: null });
    } finally {
      if (this.#turn === mine) this.#gathered(null);
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
