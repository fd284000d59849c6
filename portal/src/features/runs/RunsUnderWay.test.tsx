// Tests of what is told of the runs under way, from the press to the end, and of undoing them.
import { act, fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { type RunPartsFragment, RunsDocument, StopRunDocument } from "../../gql/graphql";
import { type Api, anApi } from "../../testing/api";
import { aRun } from "../../testing/facts";
import { show } from "../../testing/screen";
import { RunsUnderWay } from "./RunsUnderWay";
import { watch } from "./watched";

const HELD = { startedAt: "2026-11-23T00:00:00Z", heldUntil: "2026-11-23T00:00:10Z" };
const DONE = { state: "FINISHED", finishedAt: "2026-11-23T00:01:00Z" } as const;

let api: Api;

beforeEach(() => {
  api = anApi();
  runs();
});
afterEach(() => {
  vi.useRealTimers();
});

/** The practice's newest runs. */
function runs(...nodes: RunPartsFragment[]): void {
  api.on(RunsDocument).answers(() => ({
    runs: { totalCount: nodes.length, nodes, pageInfo: { hasNextPage: false, endCursor: null } },
  }));
}
/** Shows what one press has just started. */
function started(...mine: Partial<RunPartsFragment>[]): void {
  const all = mine.map((special, each) => aRun({ id: `Run:${each + 1}`, ...special }));
  show(<RunsUnderWay />);
  act(() => watch(all));
}
const told = () => screen.getByRole("status").textContent;
const all = () => screen.getByRole("region").textContent;
const button = (name: string) => screen.queryByRole("button", { name });

test("a send that is held says how many will be sent, and can be undone", () => {
  // when
  started({ ...HELD, planned: 3, queued: 2, refused: 1 });
  // then
  expect(told()).toBe("2 messages will be sent.");
  expect(all()).toContain("In 10 s");
  expect(button("Undo")).toBeTruthy();
});

test("the seconds are counted down, and then it can be undone no longer", () => {
  // given
  vi.useFakeTimers({ now: Date.parse("2026-11-23T07:00:00Z") });
  started({ ...HELD, planned: 3, queued: 3 });
  // when
  act(() => vi.advanceTimersByTime(7_000));
  // then
  expect(all()).toContain("In 3 s");
  // when
  act(() => vi.advanceTimersByTime(3_000));
  // then
  expect(button("Undo")).toBeNull();
  expect(told()).toBe("Sending 3 messages…");
  expect(screen.getByRole("progressbar", { name: "Progress of your send" })).toBeTruthy();
});

test("a send that was undone before anything went says so", async () => {
  // given
  api.on(StopRunDocument).answers(({ input }) => ({
    stopRun: {
      __typename: "Run",
      ...aRun({
        id: String(input.runId),
        ...HELD,
        stoppedAt: HELD.startedAt,
        planned: 1,
        queued: 1,
      }),
    },
  }));
  started({ ...HELD, planned: 1, queued: 1 });
  // when
  fireEvent.click(screen.getByRole("button", { name: "Undo" }));
  // then
  await screen.findByText("Undone. Nothing was sent.");
  expect(api.asked(StopRunDocument)).toEqual([{ input: { runId: "Run:1" } }]);
  expect(button("Undo")).toBeNull();
});

test("of several runs each is stopped", async () => {
  // given
  api.on(StopRunDocument).answers(({ input }) => ({
    stopRun: {
      __typename: "Run",
      ...aRun({
        id: String(input.runId),
        ...HELD,
        stoppedAt: HELD.startedAt,
        planned: 1,
        queued: 1,
      }),
    },
  }));
  started({ ...HELD, planned: 1, queued: 1 }, { ...HELD, planned: 1, queued: 1 });
  // when
  fireEvent.click(screen.getByRole("button", { name: "Undo" }));
  // then
  await screen.findByText("Undone. Nothing was sent.");
  expect(api.asked(StopRunDocument).map(({ input }) => input.runId)).toEqual(["Run:1", "Run:2"]);
});

test("where only the first of several could be stopped it can be tried again", async () => {
  // given: the line is cut after the first
  let first = true;
  api.on(StopRunDocument).answers(({ input }) => {
    if (!first) throw new TypeError("nobody is there");
    first = false;
    const run = aRun({
      id: String(input.runId),
      ...HELD,
      stoppedAt: HELD.startedAt,
      planned: 1,
      queued: 1,
    });
    return { stopRun: { __typename: "Run", ...run } };
  });
  started({ ...HELD, planned: 1, queued: 1 }, { ...HELD, planned: 1, queued: 1 });
  // when
  fireEvent.click(screen.getByRole("button", { name: "Undo" }));
  // then
  await screen.findByText(/^Recalls can’t be reached just now/);
  expect(told()).toBe("2 messages will be sent.");
  expect(button("Undo")).toBeTruthy();
});

test("what had gone before it was stopped is told", () => {
  // when
  started({ ...HELD, stoppedAt: HELD.startedAt, planned: 3, sent: 1, cancelled: 2 });
  // then
  expect(told()).toBe("Stopped: 1 sent, 2 cancelled.");
});

test("what came of a send is told, and leads to its page", () => {
  // when
  started({ ...DONE, planned: 3, sent: 2, refused: 1 });
  // then
  expect(told()).toBe("Done: 2 sent, 1 not sent: blocked.");
  expect(screen.getByRole("link", { name: "Details" }).getAttribute("href")).toBe("/runs/Run:1");
});

test("what needs somebody leads to what to do about it", () => {
  // when
  started({ ...DONE, planned: 2, failed: 1, unknown: 1 });
  // then
  expect(all()).toContain("Some need you: see what to do about them.");
});

test("what went well goes by itself after a while", () => {
  // given
  vi.useFakeTimers({ now: 0 });
  started({ ...DONE, planned: 1, sent: 1 });
  // when
  act(() => vi.advanceTimersByTime(20_000));
  // then
  expect(screen.queryByRole("article")).toBeNull();
});

test("what needs somebody stays until it is put away", () => {
  // given
  vi.useFakeTimers({ now: 0 });
  started({ ...DONE, planned: 1, failed: 1 });
  act(() => vi.advanceTimersByTime(60_000));
  expect(told()).toBe("Done: 1 failed.");
  // when
  fireEvent.click(screen.getByRole("button", { name: "Put away" }));
  // then
  expect(screen.queryByRole("article")).toBeNull();
});

test("a run of somebody else's, or of the schedule, is told while it goes on", async () => {
  // given
  runs(
    aRun({ id: "Run:8", actor: "Lee", planned: 4, queued: 1 }),
    aRun({ id: "Run:7", actor: null, planned: 2, queued: 2 }),
    aRun({ id: "Run:6", actor: "Ann", ...DONE }),
  );
  // when
  show(<RunsUnderWay />);
  // then
  await screen.findByText("Lee is sending recalls");
  expect(all()).toBe(
    "Lee is sending recalls3 of 4 messagesThe schedule is sending recalls0 of 2 messages",
  );
});

test("one's own run isn't told twice", async () => {
  // given
  runs(
    aRun({ id: "Run:1", actor: "Kim", planned: 1, queued: 1 }),
    aRun({ id: "Run:8", actor: "Lee" }),
  );
  // when
  started({ planned: 1, queued: 1 });
  // then
  await screen.findByText("Lee is sending recalls");
  expect(screen.getAllByRole("article").length).toBe(2);
});
