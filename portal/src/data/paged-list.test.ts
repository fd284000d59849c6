// Tests of a list that is read page by page: what is read when, and what is shown.
import { beforeEach, expect, test, vi } from "vitest";

import { Failure } from "../api/errors";
import { later } from "../testing/later";
import { firstPages, type Page, PagedList, pagesOf, rowsInView } from "./paged-list";

interface Row {
  readonly id: string;
  readonly note?: string;
}

const PAGE = 2;
let ids: string[];
/** The cursors of the requests so far. */
let asked: (string | null)[];
/** Promises that hold back the next answers, in order. */
let held: (Promise<void> | undefined)[];

beforeEach(() => {
  ids = ["a", "b", "c", "d", "e"];
  asked = [];
  held = [];
});

function pageAfter(after: string | null): Page<Row> {
  const from = after ? ids.indexOf(after) + 1 : 0;
  const nodes = ids.slice(from, from + PAGE).map((id) => ({ id }));
  const pageInfo = { hasNextPage: from + PAGE < ids.length, endCursor: nodes.at(-1)?.id ?? null };
  return { nodes, pageInfo, totalCount: ids.length };
}
/** Answer with the list as it was at the time of the request. */
async function read(after: string | null): Promise<Page<Row>> {
  asked.push(after);
  const page = pageAfter(after);
  await held.shift();
  return page;
}
function aList(demand = firstPages(1), by: typeof read = read) {
  const list = new PagedList<Row>();
  list.show("ours", by, demand);
  return {
    list,
    ids: () =>
      list
        .get()
        .nodes?.map(({ id }) => id)
        .join(""),
  };
}
/** Let work in progress get as far as it can. */
const aMoment = () => new Promise<void>((resolve) => setTimeout(resolve, 5));

test("pages are read one after the other, on demand", async () => {
  // given
  const pages = pagesOf(read);
  // when
  const first = await pages.next();
  const second = await pages.next();
  // then
  expect(first.value).toMatchObject({ after: null, next: "b", total: 5 });
  expect(second.value).toMatchObject({ after: "b", next: "d" });
  expect(asked).toEqual([null, "b"]);
});

test("pages end after the last, or if there is no such list", async () => {
  // given
  const found: string[] = [];
  // when
  for await (const { nodes } of pagesOf(read, "b")) found.push(...nodes.map(({ id }) => id));
  // then
  expect(found).toEqual(["c", "d", "e"]);
  expect(await pagesOf(() => Promise.resolve(undefined)).next()).toMatchObject({ done: true });
});

test("only the wanted pages are read", async () => {
  // when
  const { list, ids: shown } = aList();
  // then
  expect(list.get()).toMatchObject({ nodes: undefined, of: "", upTo: 0 });
  await aMoment();
  expect(shown()).toBe("ab");
  expect(list.get()).toMatchObject({ of: "ours", total: 5, more: true, upTo: 1, error: "" });
  expect(asked).toEqual([null]);
});

test("watchers are told once for all pages that are wanted together", async () => {
  // given
  const { list, ids: shown } = aList();
  await aMoment();
  const told = vi.fn<() => void>();
  list.subscribe(told);
  // when
  list.want(firstPages(3));
  await aMoment();
  // then
  expect(shown()).toBe("abcde");
  expect(list.get()).toMatchObject({ more: false, upTo: 3 });
  expect(told).toHaveBeenCalledOnce();
});

test("wanting more pages than there are reads all of them", async () => {
  // when
  const { list, ids: shown } = aList(firstPages(9));
  await aMoment();
  // then
  expect(shown()).toBe("abcde");
  expect(list.get().upTo).toBe(9);
});

test("a new row moves no other page", async () => {
  // given
  const { list, ids: shown } = aList(rowsInView(0, 4, 0));
  await aMoment();
  expect(shown()).toBe("abcde");
  asked = [];
  // when: it appears on the second page, and only the last one is in view
  ids = ["a", "b", "new", "c", "d", "e"];
  list.want(rowsInView(5, 5, 0));
  list.refresh();
  await aMoment();
  // then
  expect(asked).toEqual(["d"]);
  expect(shown()).toBe("abcde");
  // when
  list.want(rowsInView(0, 5, 0));
  await aMoment();
  // then
  expect(shown()).toBe("abnewcde");
});

test("rows ahead of those in view are read too", async () => {
  // when
  const { ids: shown } = aList(rowsInView(0, 0, 3));
  await aMoment();
  // then
  expect(asked).toEqual([null, "b"]);
  expect(shown()).toBe("abcd");
});

test("a page is requested once, however often it is wanted", async () => {
  // given
  const { list } = aList();
  // when
  list.want(firstPages(1));
  list.want(firstPages(1));
  await aMoment();
  // then
  expect(asked).toEqual([null]);
});

test("a page that changes while it is read is shown, and then read again", async () => {
  // given
  const [first, second] = [later<void>(), later<void>()];
  held = [first.promise, second.promise];
  const { list, ids: shown } = aList();
  ids = ["a", "c"];
  list.refresh();
  list.refresh();
  expect(asked.length).toBe(1);
  // when
  first.keep();
  await aMoment();
  // then
  expect(shown()).toBe("ab");
  expect(asked.length).toBe(2);
  // when
  second.keep();
  await aMoment();
  // then
  expect(shown()).toBe("ac");
  expect(asked.length).toBe(2);
});

test("a replaced row is shown at once, and never reverts to an older answer", async () => {
  // given
  const { list, ids: shown } = aList();
  await aMoment();
  const old = later<void>();
  const anew = later<void>();
  held = [old.promise, anew.promise];
  list.refresh();
  // when
  ids = ["b", "c", "d"];
  list.replace("a", []);
  // then
  expect(shown()).toBe("b");
  // when
  old.keep();
  await aMoment();
  // then
  expect(shown()).toBe("b");
  // when
  anew.keep();
  await aMoment();
  // then
  expect(shown()).toBe("bc");
});

test("a row replaces the one with its id", async () => {
  // given
  const { list } = aList();
  await aMoment();
  // when
  list.replace("b", [{ id: "b", note: "new" }]);
  // then
  expect(list.get().nodes).toEqual([{ id: "a" }, { id: "b", note: "new" }]);
});

test("another list is read at once, and the previous rows stay until it is there", async () => {
  // given
  const { list, ids: shown } = aList();
  await aMoment();
  const [old, wanted] = [later<void>(), later<void>()];
  held = [old.promise, wanted.promise];
  list.refresh();
  // when
  ids = ["x"];
  list.show("theirs", read, firstPages(1));
  // then
  expect(asked.length).toBe(3);
  expect(list.get()).toMatchObject({ of: "ours" });
  // when
  wanted.keep();
  await aMoment();
  // then
  expect(shown()).toBe("x");
  expect(list.get()).toMatchObject({ of: "theirs", more: false });
  // when: the answer for the previous list comes
  old.keep();
  await aMoment();
  // then
  expect(shown()).toBe("x");
});

test("a row that has moved to another page is shown once", async () => {
  // given
  const { list, ids: shown } = aList(rowsInView(0, 0, 0));
  await aMoment();
  // when
  ids = ["a", "c", "b", "d"];
  list.show("ours", async (after) => pageAfter(after ? "a" : null), rowsInView(0, 3, 0));
  await aMoment();
  // then
  expect(shown()).toBe("acb");
});

test("if there are fewer pages than before, the rest disappears", async () => {
  // given
  const { list, ids: shown } = aList(rowsInView(0, 4, 0));
  await aMoment();
  // when
  ids = ["a"];
  list.refresh();
  await aMoment();
  // then
  expect(shown()).toBe("a");
  expect(list.get().more).toBe(false);
});

test("an error is shown, the rows stay, and reading can be tried again", async () => {
  // given
  let cut = false;
  const { list, ids: shown } = aList(firstPages(1), (after) =>
    cut ? Promise.reject(new Failure("Not just now.")) : read(after),
  );
  await aMoment();
  // when
  cut = true;
  list.refresh();
  await aMoment();
  // then
  expect(list.get().error).toBe("Not just now.");
  expect(shown()).toBe("ab");
  // when
  cut = false;
  list.want(firstPages(1));
  await aMoment();
  // then
  expect(list.get().error).toBe("");
});

test("if there is no such list, nothing is shown, and it isn't requested again", async () => {
  // given
  const none = vi.fn<() => Promise<undefined>>().mockResolvedValue(undefined);
  const list = new PagedList<Row>();
  // when
  list.show("ours", none, firstPages(1));
  await aMoment();
  // then
  expect(list.get().nodes).toBeUndefined();
  expect(none).toHaveBeenCalledOnce();
});

test("dropped rows are gone at once, until the read that follows says otherwise", async () => {
  // given
  const { list, ids: shown } = aList(firstPages(2));
  await aMoment();
  const { promise, keep } = later<void>();
  held = [promise];
  ids = ["a", "c", "d", "e"];
  // when: b has left the list, c hasn't
  list.drop(["b", "c"]);
  // then
  expect(shown()).toBe("ad");
  // when
  keep();
  await aMoment();
  // then
  expect(shown()).toBe("acde");
});

test("rows that a read no longer finds have left", async () => {
  // given
  const { list } = aList(firstPages(2));
  await aMoment();
  // when
  ids = ["a", "c", "e"];
  list.refresh();
  await aMoment();
  // then
  expect(list.get().left).toEqual(["b", "d"]);
});

test("a row that a new one pushed to the next page hasn't left", async () => {
  // given
  const { list } = aList(rowsInView(0, 1, 2));
  await aMoment();
  // when: only the first page is read again
  ids = ["a", "new", "b", "c", "d", "e"];
  list.want(rowsInView(0, 0, 0));
  list.refresh();
  await aMoment();
  // then
  expect(list.get().left).toEqual([]);
});
