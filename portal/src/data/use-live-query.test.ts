// Tests of keeping the screen up to date: refetched on changes, and no more often than needed.
import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { RecallCountsDocument, type RecallCountsQuery } from "../gql/graphql";
import { type Api, anApi } from "../testing/api";
import { later } from "../testing/later";
import { aMoment, following } from "../testing/news";
import { Around } from "../testing/screen";
import { useChanges } from "./changes";
import { useLiveQuery } from "./use-live-query";

let api: Api;
let news: ReturnType<typeof following>;
beforeEach(() => {
  api = anApi();
  news = following();
});
afterEach(() => {
  news.end();
  vi.useRealTimers();
});

const counts = (all: number): RecallCountsQuery => ({
  recallCounts: { toAction: 0, calls: 0, letters: 0, needsAttention: 0, waiting: 0, all },
});
/** Read how many recalls there are. */
function open() {
  const variables = { filter: {} };
  const { result } = renderHook(() => useLiveQuery(RecallCountsDocument, variables, ["RECALLS"]), {
    wrapper: Around,
  });
  return () => result.current.data?.recallCounts.all;
}

test("on return to a screen, the last answer is shown until there is another", async () => {
  // given
  api.on(RecallCountsDocument).answers(() => counts(3));
  await expect.poll(open()).toBe(3);
  cleanup();
  const slow = later<RecallCountsQuery>();
  api.on(RecallCountsDocument).answers(() => slow.promise);
  // when
  const shown = open();
  // then
  expect(shown()).toBe(3);
  // when
  slow.keep(counts(2));
  // then
  await expect.poll(shown).toBe(2);
});

test("with other variables, their last answer is shown", async () => {
  // given
  api.on(RecallCountsDocument).answers(({ filter }) => counts(filter?.search ? 1 : 3));
  const { result, rerender } = renderHook(
    ({ filter }) => useLiveQuery(RecallCountsDocument, { filter }, ["RECALLS"]),
    { wrapper: Around, initialProps: { filter: {} } },
  );
  const shown = () => result.current.data?.recallCounts.all;
  await expect.poll(shown).toBe(3);
  rerender({ filter: { search: "Ann" } });
  await expect.poll(shown).toBe(1);
  // when
  rerender({ filter: {} });
  // then
  expect(shown()).toBe(3);
});

test("changed data is fetched again", async () => {
  // given
  let all = 3;
  api.on(RecallCountsDocument).answers(() => counts(all));
  const shown = open();
  await expect.poll(shown).toBe(3);
  // when
  all = 2;
  news.everythingChanged();
  // then
  await expect.poll(shown).toBe(2);
});

test("a request in progress isn't cut off, and changes meanwhile are fetched after it", async () => {
  // given: an answer that takes its time
  api.on(RecallCountsDocument).answers(() => counts(3));
  const shown = open();
  await expect.poll(shown).toBe(3);
  const slow = later<RecallCountsQuery>();
  let reads = 0;
  api.on(RecallCountsDocument).answers(() => {
    reads += 1;
    return reads === 1 ? slow.promise : counts(1);
  });
  news.everythingChanged();
  await expect.poll(() => reads).toBe(1);
  // when: changes keep coming
  news.everythingChanged();
  await aMoment();
  news.everythingChanged();
  await aMoment();
  // then
  expect(reads).toBe(1);
  // when
  slow.keep(counts(2));
  // then
  await expect.poll(shown).toBe(1);
  expect(reads).toBe(2);
});

test("a screen refreshes at the first change, and then once a second however many there are", () => {
  // given
  vi.useFakeTimers();
  const refresh = vi.fn<() => void>();
  renderHook(() => useChanges(["RECALLS"], refresh));
  const tell = () => act(() => void dispatchEvent(new Event("online")));
  // when
  tell();
  tell();
  act(() => vi.advanceTimersByTime(0));
  // then
  expect(refresh).toHaveBeenCalledTimes(1);
  // when
  tell();
  act(() => vi.advanceTimersByTime(500));
  tell();
  act(() => vi.advanceTimersByTime(499));
  // then
  expect(refresh).toHaveBeenCalledTimes(1);
  // when
  act(() => vi.advanceTimersByTime(1));
  // then
  expect(refresh).toHaveBeenCalledTimes(2);
});

test("a screen that was left isn't refreshed any more", () => {
  // given
  vi.useFakeTimers();
  const refresh = vi.fn<() => void>();
  const { unmount } = renderHook(() => useChanges(["RECALLS"], refresh));
  act(() => void dispatchEvent(new Event("online")));
  // when
  unmount();
  vi.advanceTimersByTime(2000);
  // then
  expect(refresh).not.toHaveBeenCalled();
});
