// A list that is read page by page and kept as it is, whatever comes, goes and changes meanwhile.
import { messageOf } from "../api/errors";
import { createStore } from "./store";

/** A page as the API gives it. */
export interface Page<Node> {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly totalCount?: number;
}

/** Reads the page after a cursor, or the first; gives nothing where there is no such list. */
export type ReadPage<Node> = (after: string | null) => Promise<Page<Node> | undefined>;

/** A page with the cursors that it stands between. */
export interface HeldPage<Node> {
  readonly after: string | null;
  readonly nodes: readonly Node[];
  /** The cursor that the next page comes after; null where there is none. */
  readonly next: string | null;
  readonly total: number | undefined;
  /** Whether something has changed since it was asked for. */
  readonly stale: boolean;
}

/**
 * Reads page after page, for as long as another one is asked for. Each begins after the one before,
 * so a row that comes or goes moves no other page.
 */
export async function* pagesOf<Node>(
  read: ReadPage<Node>,
  first: string | null = null,
): AsyncGenerator<HeldPage<Node>, void, undefined> {
  let after = first;
  do {
    const page = await read(after);
    if (!page) return;
    const { nodes, pageInfo, totalCount: total } = page;
    const next: string | null = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    yield { after, nodes, next, total, stale: false };
    after = next;
  } while (after !== null);
}

/** Pages that are read in one go, from the first of them up to, and without, the last. */
interface Run {
  readonly from: number;
  readonly to: number;
}

/** Says what is to be read next of what is wanted; null where all of it is there and fresh. */
export type Demand = (pages: readonly HeldPage<unknown>[], upTo: number) => Run | null;

/** Wants so many pages; they are read, and shown, together. */
export const firstPages =
  (count: number): Demand =>
  (pages, upTo) =>
    upTo !== count || pages.some((page) => page.stale) ? { from: 0, to: count } : null;

/** Wants the pages of the rows that are in view, and some rows ahead; each is shown once it is read. */
export const rowsInView =
  (first: number, last: number, ahead: number): Demand =>
  (pages) => {
    const only = (index: number) => ({ from: index, to: index + 1 });
    let start = 0;
    for (const [index, page] of pages.entries()) {
      const end = start + page.nodes.length;
      if (page.stale && start <= last && end >= first) return only(index);
      start = end;
    }
    const end = pages.at(-1);
    if (!end) return only(0);
    return end.next !== null && last + ahead >= start ? only(pages.length) : null;
  };

/** What is there to be shown. */
export interface Shown<Node> {
  /** undefined until it is first known. */
  readonly nodes: readonly Node[] | undefined;
  /** Of what list they are: of the one before, until the new one has been read. */
  readonly of: string;
  readonly total: number | undefined;
  /** Whether there are more than `nodes`. */
  readonly more: boolean;
  /** Up to which page it was last read. */
  readonly upTo: number;
  /** Why it couldn't be read; "" where it could. */
  readonly error: string;
}

/** What is being shown; another object each time, though it be the same again. */
interface Subject<Node> {
  readonly key: string;
  readonly read: ReadPage<Node>;
}

/**
 * Reads what is wanted of a list, one run of pages at a time, and again what is stale of it. What
 * is shown is never older than what was put there, and news that come while a page is read have it
 * read again, after it was shown: where they keep coming something is shown all the same.
 */
export class PagedList<Node extends { readonly id: string }> {
  readonly #shown = createStore<Shown<Node>>({
    nodes: undefined,
    of: "",
    total: undefined,
    more: false,
    upTo: 0,
    error: "",
  });
  #subject: Subject<Node> | undefined;
  #demand: Demand = firstPages(1);
  #pages: HeldPage<Node>[] = [];
  /** Up to which page what is held was read. */
  #upTo = 0;
  /** How often something has changed, and how often something was put. */
  #news = 0;
  #puts = 0;
  #underWay: Subject<Node> | undefined;

  readonly get = this.#shown.get;
  readonly subscribe = this.#shown.subscribe;

  /** Shows another list from now on, or the same one from its beginning. */
  show(key: string, read: ReadPage<Node>, demand: Demand): void {
    this.#subject = { key, read };
    this.#pages = [];
    this.#upTo = 0;
    this.want(demand);
  }

  /** Says what is wanted of the list, so that it is there and fresh. */
  want(demand: Demand): void {
    this.#demand = demand;
    void this.#pump();
  }

  /** Says that something has changed: what is wanted is read anew. */
  readonly refresh = (): void => {
    this.#news += 1;
    this.#pages = this.#pages.map((page) => ({ ...page, stale: true }));
    void this.#pump();
  };

  /** Puts rows in the place of the one with the id, at once; the list is read anew. */
  replace(id: string, by: readonly Node[]): void {
    this.#puts += 1;
    const put = (nodes: readonly Node[]) => nodes.flatMap((node) => (node.id === id ? by : [node]));
    this.#pages = this.#pages.map((page) => ({ ...page, nodes: put(page.nodes) }));
    const shown = this.get();
    if (shown.nodes) this.#shown.set({ ...shown, nodes: put(shown.nodes) });
    this.refresh();
  }

  async #pump(): Promise<void> {
    const subject = this.#subject;
    if (!subject || this.#underWay === subject) return;
    this.#underWay = subject;
    try {
      for (;;) {
        const run = this.#demand(this.#pages, this.#upTo);
        if (!run || !(await this.#read(subject, run))) return;
      }
    } catch (thrown) {
      const error = messageOf(thrown);
      if (this.#subject === subject) this.#shown.set({ ...this.get(), error });
    } finally {
      if (this.#underWay === subject) this.#underWay = undefined;
    }
  }

  /** Gives whether there may be more to read: not where the list is gone, or another one is shown. */
  async #read(subject: Subject<Node>, { from, to }: Run): Promise<boolean> {
    const [news, puts] = [this.#news, this.#puts];
    const found: HeldPage<Node>[] = [];
    // What was put there meanwhile may be newer than what was read.
    const isOver = () => this.#subject !== subject || this.#puts !== puts;
    const after = this.#pages[from - 1]?.next ?? null;
    for await (const page of pagesOf(subject.read, after)) {
      found.push(page);
      if (isOver() || from + found.length === to) break;
    }
    if (isOver()) return this.#subject === subject;
    if (!found.length) return false;
    const stale = this.#news !== news;
    this.#hold(
      from,
      found.map((page) => ({ ...page, stale })),
    );
    this.#upTo = to;
    this.#publish(subject);
    return true;
  }

  #hold(from: number, found: readonly HeldPage<Node>[]): void {
    const next = found.at(-1)?.next ?? null;
    const following = next === null ? [] : this.#pages.slice(from + found.length);
    const [first] = following;
    if (first && first.after !== next) following[0] = { ...first, stale: true };
    this.#pages = [...this.#pages.slice(0, from), ...found, ...following];
  }

  #publish({ key }: Subject<Node>): void {
    const last = this.#pages.at(-1);
    this.#shown.set({
      nodes: eachOnce(this.#pages),
      of: key,
      total: last?.total,
      more: last !== undefined && last.next !== null,
      upTo: this.#upTo,
      error: "",
    });
  }
}

/** A row that has moved may be in two pages until both are read anew. */
function eachOnce<Node extends { readonly id: string }>(pages: readonly HeldPage<Node>[]): Node[] {
  const seen = new Map<string, Node>();
  for (const page of pages)
    for (const node of page.nodes) if (!seen.has(node.id)) seen.set(node.id, node);
  return [...seen.values()];
}
