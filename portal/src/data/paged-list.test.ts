// Tests of a list that is read page by page: what is read when, and what is shown of it.
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
/** After which cursors was asked so far. */
let asked: (string | null)[];
/** Before what is answered; a promise holds the answers back. */
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
/** Answers as things stood when it was asked. */
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
/** Lets what is under way come as far as it comes by itself. */
const aMoment = () => new Promise<void>((resolve) => setTimeout(resolve, 5));

test("pages are read one after the other, while another one is asked for", async () => {
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

test("pages end with the last, or where there is no such list", async () => {
  // given
  const found: string[] = [];
  // when
  for await (const { nodes } of pagesOf(read, "b")) found.push(...nodes.map(({ id }) => id));
  // then
  expect(found).toEqual(["c", "d", "e"]);
  expect(await pagesOf(() => Promise.resolve(undefined)).next()).toMatchObject({ done: true });
});

test("what is wanted is read, and no more", async () => {
  // when
  const { list, ids: shown } = aList();
  // then
  expect(list.get()).toMatchObject({ nodes: undefined, of: "", upTo: 0 });
  await aMoment();
  expect(shown()).toBe("ab");
  expect(list.get()).toMatchObject({ of: "ours", total: 5, more: true, upTo: 1, error: "" });
  expect(asked).toEqual([null]);
});

test("who watches is told once for all pages that are wanted together", async () => {
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

test("more pages than there are is all of them", async () => {
  // when
  const { list, ids: shown } = aList(firstPages(9));
  await aMoment();
  // then
  expect(shown()).toBe("abcde");
  expect(list.get().upTo).toBe(9);
});

test("a row that comes moves no other page", async () => {
  // given
  const { list, ids: shown } = aList(rowsInView(0, 4, 0));
  await aMoment();
  expect(shown()).toBe("abcde");
  asked = [];
  // when: it comes into the second page, and only the last one is in view
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

test("rows ahead of those in view are read", async () => {
  // when
  const { ids: shown } = aList(rowsInView(0, 0, 3));
  await aMoment();
  // then
  expect(asked).toEqual([null, "b"]);
  expect(shown()).toBe("abcd");
});

test("a page is asked for once, however often it is wanted", async () => {
  // given
  const { list } = aList();
  // when
  list.want(firstPages(1));
  list.want(firstPages(1));
  await aMoment();
  // then
  expect(asked).toEqual([null]);
});

test("news while a page is read have it read again, after it was shown", async () => {
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

test("what was put is there at once, and nothing older comes in its place", async () => {
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

test("a row is put in the place of the one before", async () => {
  // given
  const { list } = aList();
  await aMoment();
  // when
  list.replace("b", [{ id: "b", note: "new" }]);
  // then
  expect(list.get().nodes).toEqual([{ id: "a" }, { id: "b", note: "new" }]);
});

test("another list begins at once, and the rows before stay until it is there", async () => {
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
  // when: what is no longer shown is answered
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

test("where there are fewer pages than before the rest is gone", async () => {
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

test("what went wrong is told, what is shown stays, and it can be tried again", async () => {
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

test("where there is no such list nothing is shown, and it isn't asked for again", async () => {
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
