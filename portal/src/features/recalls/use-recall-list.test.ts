// Tests of the recall list's rows: loaded as they come into view, and kept up to date.
import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test } from "vitest";

import { RecallsDocument } from "../../gql/graphql";
import { type Api, anApi } from "../../testing/api";
import { aRecall } from "../../testing/facts";
import { later } from "../../testing/later";
import { aMoment, following } from "../../testing/news";
import { Around } from "../../testing/screen";
import { type Shown, shownBy } from "./filter";
import { useRecallList } from "./use-recall-list";

const PAGE = 100;
const ALL = shownBy("all", "", "");

let api: Api;
let ids: string[] = [];
let news: ReturnType<typeof following>;

beforeEach(() => {
  api = anApi();
  news = following();
  answersAtOnce();
});
afterEach(() => news.end());

/** Give the practice this many recalls. */
function thereAre(number: number): void {
  ids = Array.from({ length: number }, (_, each) => `Recall:${each}`);
}
/** Return the page after the row with this id. */
function pageAfter(after: string | null | undefined, known = ids) {
  const from = after ? known.indexOf(after) + 1 : 0;
  const nodes = known.slice(from, from + PAGE).map((id) => aRecall({ id }));
  const hasNextPage = from + PAGE < known.length;
  return { recalls: { nodes, pageInfo: { hasNextPage, endCursor: nodes.at(-1)?.id ?? null } } };
}
function answersAtOnce(): void {
  api.on(RecallsDocument).answers(({ after }) => pageAfter(after));
}

function open(shown: Shown = ALL) {
  const { result, rerender } = renderHook(useRecallList, { initialProps: shown, wrapper: Around });
  return {
    now: () => result.current,
    rows: () => result.current.rows.map(({ id }) => id),
    show: (other: Shown) => rerender(other),
    look: (first: number, last: number) => act(() => result.current.look(first, last)),
  };
}
const asked = () => api.asked(RecallsDocument).map(({ after }) => after ?? null);

test("opening the list reads only the first page", async () => {
  // given
  thereAre(350);
  // when
  const list = open();
  // then
  await expect.poll(list.rows).toEqual(ids.slice(0, PAGE));
  expect(list.now().complete).toBe(false);
  expect(asked()).toEqual([null]);
});

test("a list that fits on one page is complete", async () => {
  // given
  thereAre(2);
  // when
  const list = open();
  // then
  await expect.poll(list.rows).toEqual(ids);
  expect(list.now()).toMatchObject({ complete: true, changing: false, error: "" });
});

test("pages are read ahead of what comes into view", async () => {
  // given
  thereAre(350);
  const list = open();
  await expect.poll(() => list.rows().length).toBe(100);
  // when
  list.look(30, 39);
  await aMoment();
  expect(asked().length).toBe(1);
  list.look(40, 50);
  // then
  await expect.poll(() => list.rows().length).toBe(200);
  // when: jumping far down
  list.look(330, 349);
  // then
  await expect.poll(list.rows).toEqual(ids);
  expect(list.now().complete).toBe(true);
  expect(asked()).toEqual([null, "Recall:99", "Recall:199", "Recall:299"]);
});

test("another tab or filter keeps the previous rows until its own have arrived", async () => {
  // given
  thereAre(2);
  const list = open();
  await expect.poll(() => list.rows().length).toBe(2);
  const { promise, keep } = later<ReturnType<typeof pageAfter>>();
  api.on(RecallsDocument).answers(() => promise);
  // when
  list.show(shownBy("calls", "", ""));
  // then
  expect(list.now().changing).toBe(true);
  expect(list.rows()).toEqual(["Recall:0", "Recall:1"]);
  // when
  keep(pageAfter(null, ["Recall:7"]));
  // then
  await expect.poll(list.rows).toEqual(["Recall:7"]);
  expect(list.now().changing).toBe(false);
  expect(api.asked(RecallsDocument).at(-1)?.tab).toBe("CALLS");
});

test("an answer about what is no longer shown is ignored", async () => {
  // given
  const old = later<ReturnType<typeof pageAfter>>();
  api
    .on(RecallsDocument)
    .answers(({ tab }) => (tab === "ALL" ? old.promise : pageAfter(null, ["Recall:7"])));
  const list = open();
  list.show(shownBy("calls", "", ""));
  await expect.poll(list.rows).toEqual(["Recall:7"]);
  // when
  await act(async () => old.keep(pageAfter(null, ["Recall:0"])));
  await aMoment();
  // then
  expect(list.rows()).toEqual(["Recall:7"]);
});

test("a change reads the pages in view again", async () => {
  // given
  thereAre(3);
  const list = open();
  await expect.poll(() => list.rows().length).toBe(3);
  // when
  ids = ["Recall:0", "Recall:2"];
  news.everythingChanged();
  // then
  await expect.poll(list.rows).toEqual(["Recall:0", "Recall:2"]);
});

test("after a change, pages out of view are read again when they come into view", async () => {
  // given
  thereAre(300);
  const list = open();
  await expect.poll(() => list.rows().length).toBe(100);
  list.look(280, 299);
  await expect.poll(() => list.rows().length).toBe(300);
  const before = asked().length;
  // when
  news.everythingChanged();
  // then
  await expect.poll(() => asked().slice(before)).toEqual(["Recall:199"]);
  // when
  list.look(0, 20);
  // then
  await expect.poll(() => asked().slice(before)).toEqual(["Recall:199", null]);
});

test("a change while a page is being read is not missed", async () => {
  // given: the second recall goes, and while the list is read for that, the third goes
  thereAre(3);
  const list = open();
  await expect.poll(() => list.rows().length).toBe(3);
  const late = later<void>();
  let reads = 0;
  api.on(RecallsDocument).answers(async ({ after }) => {
    reads += 1;
    const made = pageAfter(after);
    if (reads === 1) await late.promise;
    return made;
  });
  ids = ["Recall:0", "Recall:2"];
  news.everythingChanged();
  await expect.poll(() => reads).toBe(1);
  // when
  ids = ["Recall:0"];
  news.everythingChanged();
  await aMoment();
  late.keep();
  // then
  await expect.poll(list.rows).toEqual(["Recall:0"]);
});

test("a row that moved to another page is shown once", async () => {
  // given: between the two reads, the last row of the first page moves to the second
  thereAre(150);
  const list = open();
  await expect.poll(() => list.rows().length).toBe(100);
  api.on(RecallsDocument).answers(() => pageAfter("Recall:98"));
  // when
  list.look(60, 99);
  // then
  await expect.poll(() => list.rows().length).toBe(150);
  expect(new Set(list.rows()).size).toBe(150);
});

test("rows of pages that no longer exist go away", async () => {
  // given
  thereAre(150);
  const list = open();
  await expect.poll(() => list.rows().length).toBe(100);
  list.look(60, 99);
  await expect.poll(() => list.rows().length).toBe(150);
  // when
  thereAre(40);
  news.everythingChanged();
  // then
  await expect.poll(list.rows).toEqual(ids);
  expect(list.now().complete).toBe(true);
});

test("a lost connection shows an error and keeps the rows", async () => {
  // given
  thereAre(2);
  const list = open();
  await expect.poll(() => list.rows().length).toBe(2);
  api.on(RecallsDocument).answers(() => {
    throw new TypeError("nobody is there");
  });
  // when
  news.everythingChanged();
  // then
  await expect.poll(() => list.now().error).toMatch(/^We can’t reach the server/);
  expect(list.rows().length).toBe(2);
  // when
  answersAtOnce();
  list.look(0, 2);
  // then
  await expect.poll(() => list.now().error).toBe("");
});
