// Tests of selecting recalls: one, several, or all that match.
import { act, renderHook } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { RecallsToSelectDocument, type RecallsToSelectQuery } from "../../gql/graphql";
import { type Api, anApi } from "../../testing/api";
import { aRecall, stopped } from "../../testing/facts";
import { later } from "../../testing/later";
import { Around } from "../../testing/screen";
import { shownBy } from "./filter";
import type { RecallRow } from "./use-recall-list";
import { useSelection } from "./use-selection";

const ALL = shownBy("all", "", "");
const [ONE, TWO, THREE] = [1, 2, 3].map((number) => aRecall({ id: `Recall:${number}` })) as [
  RecallRow,
  RecallRow,
  RecallRow,
];

let api: Api;
beforeEach(() => {
  api = anApi();
});

function open() {
  const first = {
    shown: ALL,
    rows: [ONE, TWO, THREE] as readonly RecallRow[],
    complete: true,
    changing: false,
    left: [] as readonly string[],
  };
  const { result, rerender } = renderHook(({ shown, ...list }) => useSelection(shown, list), {
    initialProps: first,
    wrapper: Around,
  });
  return {
    now: () => result.current,
    ids: () => [...result.current.recalls.keys()],
    show: (change: Partial<typeof first>) => rerender({ ...first, ...change }),
  };
}

const page = (hasNextPage: boolean, ...nodes: RecallRow[]): RecallsToSelectQuery => ({
  recalls: { nodes, pageInfo: { hasNextPage, endCursor: nodes.at(-1)?.id ?? null } },
});

test("toggling selects a recall, and toggling again deselects it", () => {
  // given
  const selection = open();
  // when
  act(() => selection.now().toggle(TWO));
  // then
  expect(selection.ids()).toEqual(["Recall:2"]);
  // when
  act(() => selection.now().toggle(TWO));
  // then
  expect(selection.ids()).toEqual([]);
});

test("a range is added to the selection, each recall once", () => {
  // given
  const selection = open();
  act(() => selection.now().toggle(ONE));
  // when
  act(() => selection.now().add([ONE, TWO]));
  // then
  expect(selection.ids()).toEqual(["Recall:1", "Recall:2"]);
});

test("recalls that were dealt with are deselected", () => {
  // given
  const selection = open();
  act(() => selection.now().add([ONE, TWO, THREE]));
  // when
  act(() => selection.now().leaveOut(["Recall:1", "Recall:3"]));
  // then
  expect(selection.ids()).toEqual(["Recall:2"]);
});

test("the whole selection can be cleared", () => {
  // given
  const selection = open();
  act(() => selection.now().add([ONE, TWO]));
  // when
  act(() => selection.now().clear());
  // then
  expect(selection.ids()).toEqual([]);
});

test("another tab or filter keeps the selection, and counts what isn't in its list", () => {
  // given
  const selection = open();
  act(() => selection.now().add([ONE, TWO]));
  // when
  selection.show({ shown: shownBy("all", "", "petrovic"), rows: [TWO, THREE] });
  // then
  expect(selection.ids()).toEqual(["Recall:1", "Recall:2"]);
  expect(selection.now().elsewhere).toBe(1);
});

test("recalls of this list that aren't loaded count as in it", () => {
  // given
  const selection = open();
  act(() => selection.now().add([ONE, TWO]));
  // when
  selection.show({ rows: [TWO], complete: false });
  // then
  expect(selection.now().elsewhere).toBe(0);
});

test("recalls that left the list by themselves are deselected and counted", () => {
  // given
  const selection = open();
  act(() => selection.now().add([ONE, TWO]));
  // when
  selection.show({ rows: [TWO, THREE], left: ["Recall:1", "Recall:7"] });
  // then
  expect(selection.ids()).toEqual(["Recall:2"]);
  expect(selection.now().left).toBe(1);
  // when
  act(() => selection.now().toggle(THREE));
  // then
  expect(selection.now().left).toBe(0);
});

test("with another list, selecting all of the previous one ends", async () => {
  // given
  const first = later<RecallsToSelectQuery>();
  api.on(RecallsToSelectDocument).answers(() => first.promise);
  const selection = open();
  let gathered: Promise<void> | undefined;
  act(() => {
    gathered = selection.now().selectAll();
  });
  // when
  selection.show({ shown: shownBy("calls", "", "") });
  first.keep(page(false, ONE));
  await act(() => gathered);
  // then
  expect(selection.ids()).toEqual([]);
  expect(selection.now().gathering).toBeNull();
});

test("the same tab and filter keep the selection, whatever rows come and go", () => {
  // given
  const selection = open();
  act(() => selection.now().add([ONE, TWO]));
  // when
  selection.show({ shown: shownBy("all", "recall=Recall:1", ""), rows: [THREE] });
  // then
  expect(selection.ids()).toEqual(["Recall:1", "Recall:2"]);
});

test("the SMS status of selected recalls follows the list's rows", () => {
  // given
  const selection = open();
  act(() => selection.now().toggle(ONE));
  const smsStatus = stopped("BLOCKED_COMMUNICATION", "blocked");
  // when
  selection.show({
    rows: [
      { ...ONE, smsStatus },
      { ...TWO, smsStatus },
    ],
  });
  // then
  expect(selection.now().recalls.get("Recall:1")?.smsStatus).toEqual(smsStatus);
  expect(selection.ids()).toEqual(["Recall:1"]);
});

test("all that match are selected page by page, with a running count", async () => {
  // given
  const second = later<RecallsToSelectQuery>();
  api
    .on(RecallsToSelectDocument)
    .answers(({ after }) => (after ? second.promise : page(true, ONE, TWO)));
  const selection = open();
  // when
  let gathered: Promise<void> | undefined;
  act(() => {
    gathered = selection.now().selectAll();
  });
  // then
  expect(selection.now().gathering).toBe(0);
  await expect.poll(() => selection.now().gathering).toBe(2);
  expect(selection.ids()).toEqual([]);
  // when
  second.keep(page(false, THREE));
  await act(() => gathered);
  // then
  expect(selection.ids()).toEqual(["Recall:1", "Recall:2", "Recall:3"]);
  expect(selection.now().gathering).toBeNull();
  expect(api.asked(RecallsToSelectDocument).map(({ after }) => after ?? null)).toEqual([
    null,
    "Recall:2",
  ]);
});

test("selecting all uses the tab and filter that are shown", async () => {
  // given
  api.on(RecallsToSelectDocument).answers(() => page(false, ONE));
  const selection = open();
  selection.show({ shown: shownBy("calls", "reason=any", "") });
  // when
  await act(() => selection.now().selectAll());
  // then
  expect(api.asked(RecallsToSelectDocument)).toMatchObject([
    { tab: "CALLS", filter: { blocked: true } },
  ]);
});

test("clearing the selection meanwhile cancels selecting all", async () => {
  // given
  const first = later<RecallsToSelectQuery>();
  api.on(RecallsToSelectDocument).answers(() => first.promise);
  const selection = open();
  let gathered: Promise<void> | undefined;
  act(() => {
    gathered = selection.now().selectAll();
  });
  // when
  act(() => selection.now().clear());
  first.keep(page(false, ONE));
  await act(() => gathered);
  // then
  expect(selection.ids()).toEqual([]);
  expect(selection.now().gathering).toBeNull();
});

test("a lost connection selects nothing and throws", async () => {
  // given
  const selection = open();
  // when
  await expect(act(() => selection.now().selectAll())).rejects.toThrow(/can’t reach the server/);
  // then
  expect(selection.ids()).toEqual([]);
  expect(selection.now().gathering).toBeNull();
});
