// Tests of a list that is read page by page and kept up to date.
import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test } from "vitest";

import { BlockedListDocument, type BlockedListQuery } from "../gql/graphql";
import { type Api, anApi } from "../testing/api";
import { anEntry } from "../testing/facts";
import { later } from "../testing/later";
import { aMoment, following } from "../testing/news";
import { Around } from "../testing/screen";
import { usePagedQuery } from "./use-paged-query";

const PAGE = 2;

let api: Api;
let news: ReturnType<typeof following>;
let ids: string[] = [];

beforeEach(() => {
  api = anApi();
  news = following();
  ids = ["a", "b", "c", "d", "e"];
  api.on(BlockedListDocument).answers(({ after }) => pageAfter(after));
});
afterEach(() => news.end());

function pageAfter(after: string | null | undefined): BlockedListQuery {
  const from = after ? ids.indexOf(after) + 1 : 0;
  const nodes = ids.slice(from, from + PAGE).map((id) => anEntry({ id }));
  const pageInfo = { hasNextPage: from + PAGE < ids.length, endCursor: nodes.at(-1)?.id ?? null };
  return { blockedCommunications: { totalCount: ids.length, nodes, pageInfo } };
}

function open(search: string | null = null) {
  const { result, rerender } = renderHook(
    (wanted: string | null) =>
      usePagedQuery(
        BlockedListDocument,
        { search: wanted, first: PAGE },
        (data) => data.blockedCommunications,
        ["BLOCKS"],
      ),
    { initialProps: search, wrapper: Around },
  );
  return {
    now: () => result.current,
    ids: () => result.current.nodes?.map(({ id }) => id),
    search: rerender,
  };
}
const asked = () => api.asked(BlockedListDocument).map(({ after }) => after ?? null);

test("the first page is read, and the list knows that there are more", async () => {
  // when
  const list = open();
  // then
  expect(list.now()).toMatchObject({ nodes: undefined, total: undefined, reading: true });
  await expect.poll(list.ids).toEqual(["a", "b"]);
  expect(list.now()).toMatchObject({ total: 5, more: true, reading: false, error: "" });
});

test("more rows are shown on request, until there are no more", async () => {
  // given
  const list = open();
  await expect.poll(list.ids).toEqual(["a", "b"]);
  // when
  act(() => list.now().showMore());
  // then
  expect(list.now().reading).toBe(true);
  await expect.poll(list.ids).toEqual(["a", "b", "c", "d"]);
  // when
  act(() => list.now().showMore());
  // then
  await expect.poll(list.ids).toEqual(ids);
  expect(list.now().more).toBe(false);
});

test("after a change, everything shown is read again", async () => {
  // given
  const list = open();
  act(() => list.now().showMore());
  await expect.poll(list.ids).toEqual(["a", "b", "c", "d"]);
  const before = asked().length;
  // when
  ids = ["new", ...ids];
  news.everythingChanged();
  // then
  await expect.poll(list.ids).toEqual(["new", "a", "b", "c"]);
  expect(asked().slice(before)).toEqual([null, "a"]);
});

test("another search begins at the first page again", async () => {
  // given
  const list = open();
  act(() => list.now().showMore());
  await expect.poll(list.ids).toEqual(["a", "b", "c", "d"]);
  // when
  ids = ["c", "d", "e"];
  list.search("nair");
  // then
  expect(list.now().reading).toBe(true);
  await expect.poll(list.ids).toEqual(["c", "d"]);
});

test("an answer to the previous search is ignored", async () => {
  // given
  const old = later<BlockedListQuery>();
  const wanted = later<BlockedListQuery>();
  api
    .on(BlockedListDocument)
    .answers(({ search }) => (search === "n" ? old.promise : wanted.promise));
  const list = open("n");
  await expect.poll(() => api.asked(BlockedListDocument).length).toBe(1);
  list.search("nair");
  // when
  old.keep(pageAfter(null));
  await expect.poll(() => api.asked(BlockedListDocument).length).toBe(2);
  await aMoment();
  // then
  expect(list.ids()).toBeUndefined();
  // when
  wanted.keep(pageAfter("c"));
  // then
  await expect.poll(list.ids).toEqual(["d", "e"]);
});

test("a changed row is shown at once", async () => {
  // given
  const list = open();
  await expect.poll(list.ids).toEqual(["a", "b"]);
  // when
  act(() => list.now().put(anEntry({ id: "b", note: "new" })));
  // then
  expect(list.now().nodes?.map(({ note }) => note)).toEqual([null, "new"]);
});

test("a removed row disappears at once", async () => {
  // given
  const list = open();
  await expect.poll(list.ids).toEqual(["a", "b"]);
  ids = ids.filter((id) => id !== "a");
  // when
  act(() => list.now().drop(anEntry({ id: "a" })));
  // then
  expect(list.ids()).toEqual(["b"]);
  await expect.poll(list.ids).toEqual(["b", "c"]);
});

test("an answer that may be older than a change is ignored", async () => {
  // given: the list is read again, and the answer predates the change
  const list = open();
  await expect.poll(list.ids).toEqual(["a", "b"]);
  const answers = [later<BlockedListQuery>(), later<BlockedListQuery>()];
  let reads = 0;
  api.on(BlockedListDocument).answers(() => {
    reads += 1;
    return answers[reads - 1]?.promise ?? pageAfter(null);
  });
  act(() => list.now().refresh());
  await expect.poll(() => reads).toBe(1);
  const before = pageAfter(null);
  // when
  ids = ids.filter((id) => id !== "a");
  act(() => list.now().drop(anEntry({ id: "a" })));
  answers[0]?.keep(before);
  await expect.poll(() => reads).toBe(2);
  await aMoment();
  // then
  expect(list.ids()).toEqual(["b"]);
  // when
  answers[1]?.keep(pageAfter(null));
  // then
  await expect.poll(list.ids).toEqual(["b", "c"]);
});

test("a broken connection is reported, and the rows stay", async () => {
  // given
  const list = open();
  await expect.poll(list.ids).toEqual(["a", "b"]);
  api.on(BlockedListDocument).answers(() => {
    throw new TypeError("nobody is there");
  });
  // when
  act(() => list.now().refresh());
  // then
  await expect.poll(() => list.now().error).toMatch(/^We can’t reach the server/);
  expect(list.ids()).toEqual(["a", "b"]);
  // when
  api.on(BlockedListDocument).answers(({ after }) => pageAfter(after));
  act(() => list.now().refresh());
  // then
  await expect.poll(() => list.now().error).toBe("");
});
