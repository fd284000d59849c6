// A list that is read page by page and kept up to date while rows appear, disappear and change.
import { messageOf } from "../api/errors";
import { createStore } from "./store";

/** A page as the API returns it. */
export interface Page<Node> {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly totalCount?: number;
}

/** Read the page after a cursor, or the first; undefined if there is no such list. */
export type ReadPage<Node> = (after: string | null) => Promise<Page<Node> | undefined>;

/** A page with the cursors before and after it. */
export interface HeldPage<Node> {
  readonly after: string | null;
  readonly nodes: readonly Node[];
  /** The cursor of the next page; null if there is none. */
  readonly next: string | null;
  readonly total: number | undefined;
  /** Whether something has changed since it was requested. */
  readonly stale: boolean;
}

/**
 * Yield page after page, reading each on demand. Each begins after the one before, so a row that
 * appears or disappears moves no other page.
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

/** Pages to read in one go: from `from` up to, but not including, `to`. */
interface Run {
  readonly from: number;
  readonly to: number;
}

/** Return the pages to read next; null if everything wanted is there and fresh. */
export type Demand = (pages: readonly HeldPage<unknown>[], upTo: number) => Run | null;

/** Want this many pages, read and shown together. */
export const firstPages =
  (count: number): Demand =>
  (pages, upTo) =>
    upTo !== count || pages.some((page) => page.stale) ? { from: 0, to: count } : null;

/** Want the pages of the rows in view and some rows ahead; each is shown once it is read. */
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

/** What there is to show. */
export interface Shown<Node> {
  /** undefined until it is first known. */
  readonly nodes: readonly Node[] | undefined;
  /** The key of the list that `nodes` belong to: the previous one's, until the new one is read. */
  readonly of: string;
  readonly total: number | undefined;
  /** Whether there are more than `nodes`. */
  readonly more: boolean;
  /** The end of the last read: its `to`. */
  readonly upTo: number;
  /** Why it couldn't be read; "" if it could. */
  readonly error: string;
  /** The rows that the last read found no longer in the list. */
  readonly left: readonly string[];
}

/** The list to show; a new object each time, even for the same list. */
interface Subject<Node> {
  readonly key: string;
  readonly read: ReadPage<Node>;
}

/**
 * A list that reads its wanted pages, one run at a time, and reads stale ones again. What is shown
 * is never older than what `replace` put there. A page that changes while it is read is shown first
 * and then read again, so that something is shown even if changes keep coming.
 */
export class PagedList<Node extends { readonly id: string }> {
  readonly #shown = createStore<Shown<Node>>({
    nodes: undefined,
    of: "",
    total: undefined,
    more: false,
    upTo: 0,
    error: "",
    left: [],
  });
  #subject: Subject<Node> | undefined;
  #demand: Demand = firstPages(1);
  #pages: HeldPage<Node>[] = [];
  /** The end of the last read: its `to`. */
  #upTo = 0;
  /** The number of changes, and of calls of `replace`. */
  #news = 0;
  #puts = 0;
  #reading: Subject<Node> | undefined;

  readonly get = this.#shown.get;
  readonly subscribe = this.#shown.subscribe;

  /** Show another list, or the same one from its beginning. */
  show(key: string, read: ReadPage<Node>, demand: Demand): void {
    this.#subject = { key, read };
    this.#pages = [];
    this.#upTo = 0;
    this.want(demand);
  }

  /** Set which pages are wanted, and read those that are missing or stale. */
  want(demand: Demand): void {
    this.#demand = demand;
    void this.#pump();
  }

  /** Mark all pages stale, and read the wanted ones again. */
  readonly refresh = (): void => {
    this.#news += 1;
    this.#pages = this.#pages.map((page) => ({ ...page, stale: true }));
    void this.#pump();
  };

  /** Replace the row with the id by other rows at once, and read the list again. */
  replace(id: string, by: readonly Node[]): void {
    this.#change((nodes) => nodes.flatMap((node) => (node.id === id ? by : [node])));
  }

  /** Take rows off at once, and read the list again, which says whether they belong to it. */
  drop(ids: readonly string[]): void {
    const dropped = new Set(ids);
    this.#change((nodes) => nodes.filter(({ id }) => !dropped.has(id)));
  }

  #change(put: (nodes: readonly Node[]) => readonly Node[]): void {
    this.#puts += 1;
    this.#pages = this.#pages.map((page) => ({ ...page, nodes: put(page.nodes) }));
    const shown = this.get();
    if (shown.nodes) this.#shown.set({ ...shown, nodes: put(shown.nodes) });
    this.refresh();
  }

  async #pump(): Promise<void> {
    const subject = this.#subject;
    if (!subject || this.#reading === subject) return;
    this.#reading = subject;
    try {
      for (;;) {
        const run = this.#demand(this.#pages, this.#upTo);
        if (!run || !(await this.#read(subject, run))) return;
      }
    } catch (thrown) {
      const error = messageOf(thrown);
      if (this.#subject === subject) this.#shown.set({ ...this.get(), error });
    } finally {
      if (this.#reading === subject) this.#reading = undefined;
    }
  }

  /** Return whether there may be more to read: not if the list is gone, or another is shown. */
  async #read(subject: Subject<Node>, { from, to }: Run): Promise<boolean> {
    const [news, puts] = [this.#news, this.#puts];
    const found: HeldPage<Node>[] = [];
    // A row replaced meanwhile may be newer than the answer.
    const isOver = () => this.#subject !== subject || this.#puts !== puts;
    const after = this.#pages[from - 1]?.next ?? null;
    for await (const page of pagesOf(subject.read, after)) {
      found.push(page);
      if (isOver() || from + found.length === to) break;
    }
    if (isOver()) return this.#subject === subject;
    if (!found.length) return false;
    const stale = this.#news !== news;
    const left = leftOf(
      this.#pages.slice(from).flatMap(({ nodes }) => nodes),
      found.flatMap(({ nodes }) => nodes),
      found.at(-1)?.next === null,
    );
    this.#hold(
      from,
      found.map((page) => ({ ...page, stale })),
    );
    this.#upTo = to;
    this.#publish(subject, left);
    return true;
  }

  #hold(from: number, found: readonly HeldPage<Node>[]): void {
    const next = found.at(-1)?.next ?? null;
    const following = next === null ? [] : this.#pages.slice(from + found.length);
    const [first] = following;
    if (first && first.after !== next) following[0] = { ...first, stale: true };
    this.#pages = [...this.#pages.slice(0, from), ...found, ...following];
  }

  #publish({ key }: Subject<Node>, left: readonly string[]): void {
    const last = this.#pages.at(-1);
    const nodes = eachOnce(this.#pages);
    const here = left.length ? new Set(nodes.map(({ id }) => id)) : undefined;
    this.#shown.set({
      nodes,
      of: key,
      total: last?.total,
      more: last !== undefined && last.next !== null,
      upTo: this.#upTo,
      error: "",
      left: left.filter((id) => !here?.has(id)),
    });
  }
}

/**
 * Return the ids of `before` that are missing from what was read in their place. Rows after the
 * last one that both have may only have moved on to the next page, unless the list ends there.
 */
function leftOf(
  before: readonly { readonly id: string }[],
  found: readonly { readonly id: string }[],
  isEnd: boolean,
): string[] {
  const now = new Set(found.map(({ id }) => id));
  const end = isEnd ? before.length : before.findLastIndex(({ id }) => now.has(id));
  return before.slice(0, Math.max(end, 0)).flatMap(({ id }) => (now.has(id) ? [] : [id]));
}

/** Return each row once: one that has moved may be in two pages until both are read again. */
function eachOnce<Node extends { readonly id: string }>(pages: readonly HeldPage<Node>[]): Node[] {
  const seen = new Map<string, Node>();
  for (const page of pages)
    for (const node of page.nodes) if (!seen.has(node.id)) seen.set(node.id, node);
  return [...seen.values()];
}
