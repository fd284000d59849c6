// Tests of the runs in progress: what is shown from start to end, and undoing them.
import { act, fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { type RunPartsFragment, RunsDocument, StopRunDocument } from "../../gql/graphql";
import { type Api, anApi } from "../../testing/api";
import { aRun } from "../../testing/facts";
import { show } from "../../testing/screen";
import { RunsInProgress } from "./RunsInProgress";
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

/** Set the practice's newest runs. */
function runs(...nodes: RunPartsFragment[]): void {
  api.on(RunsDocument).answers(() => ({
    runs: { totalCount: nodes.length, nodes, pageInfo: { hasNextPage: false, endCursor: null } },
  }));
}
/** Show the runs that one press has just started. */
function started(...mine: Partial<RunPartsFragment>[]): void {
  const all = mine.map((special, each) => aRun({ id: `Run:${each + 1}`, ...special }));
  show(<RunsInProgress />);
  act(() => watch(all));
}
const all = () => [...document.querySelectorAll("article")].map((line) => line.textContent).join();
const button = (name: string) => screen.queryByRole("button", { name });

test("a held send says how many will be sent, and can be undone", () => {
  // when
  started({ ...HELD, planned: 3, queued: 2, refused: 1 });
  // then
  expect(all()).toContain("Sending 2 SMS in 10 seconds");
  expect(button("Undo")).toBeTruthy();
});

test("after the countdown, a send can't be undone", () => {
  // given
  vi.useFakeTimers({ now: Date.parse("2026-11-23T07:00:00Z") });
  started({ ...HELD, planned: 3, queued: 3 });
  // when
  act(() => vi.advanceTimersByTime(7_000));
  // then
  expect(all()).toContain("in 3 seconds");
  // when
  act(() => vi.advanceTimersByTime(3_000));
  // then
  expect(button("Undo")).toBeNull();
  expect(all()).toContain("Sending…");
  expect(screen.getByRole("progressbar", { name: "Progress of your send" })).toBeTruthy();
});

test("a send that was undone before anything was sent says so", async () => {
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
  await screen.findByText("Undone – nothing was sent");
  expect(api.asked(StopRunDocument)).toEqual([{ input: { runId: "Run:1" } }]);
  expect(button("Undo")).toBeNull();
});

test("undoing a send stops each of its runs", async () => {
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
  await screen.findByText("Undone – nothing was sent");
  expect(api.asked(StopRunDocument).map(({ input }) => input.runId)).toEqual(["Run:1", "Run:2"]);
});

test("if only the first of several runs was stopped, undoing can be tried again", async () => {
  // given: the connection is lost after the first
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
  await screen.findByText(/^We can’t reach the server/);
  expect(all()).toContain("Sending 2 SMS");
  expect(button("Undo")).toBeTruthy();
});

test("a stopped send shows what had been sent before", () => {
  // when
  started({ ...HELD, stoppedAt: HELD.startedAt, planned: 3, sent: 1, cancelled: 2 });
  // then
  expect(all()).toContain("Stopped: 1 sent, 2 cancelled");
});

test("a finished send shows its outcomes and links to its page", () => {
  // when
  started({ ...DONE, planned: 3, sent: 2, refused: 1 });
  // then
  expect(all()).toContain("Finished: 2 sent, 1 blocked");
  expect(screen.getByRole("link", { name: "View" }).getAttribute("href")).toBe("/runs/Run:1");
});

test("a send that needs attention links to what to do about it", () => {
  // when
  started({ ...DONE, planned: 2, failed: 1, unknown: 1 });
  // then
  expect(all()).toContain("Finished: 1 failed, 1 not confirmed See what to do");
});

test("a send without trouble goes away by itself", () => {
  // given
  vi.useFakeTimers({ now: 0 });
  started({ ...DONE, planned: 1, sent: 1 });
  // when
  act(() => vi.advanceTimersByTime(20_000));
  // then
  expect(screen.queryByRole("article")).toBeNull();
});

test("a send that needs attention stays until it is closed", () => {
  // given
  vi.useFakeTimers({ now: 0 });
  started({ ...DONE, planned: 1, failed: 1 });
  act(() => vi.advanceTimersByTime(60_000));
  expect(all()).toContain("Finished: 1 failed");
  // when
  fireEvent.click(screen.getByRole("button", { name: "Close" }));
  // then
  expect(screen.queryByRole("article")).toBeNull();
});

test("a send of somebody else is one line while in progress", async () => {
  // given
  runs(
    aRun({ id: "Run:8", actor: "Lee", planned: 4, queued: 1 }),
    aRun({ id: "Run:6", actor: "Ann", ...DONE }),
  );
  // when
  show(<RunsInProgress />);
  // then
  await screen.findByText(/^Lee is sending 4/);
  expect(screen.getByRole("link", { name: "View" }).getAttribute("href")).toBe("/runs/Run:8");
  expect(screen.getAllByRole("article").length).toBe(1);
});

test("several sends of others are one line", async () => {
  // given
  runs(aRun({ id: "Run:8", actor: "Lee" }), aRun({ id: "Run:7", actor: null }));
  // when
  show(<RunsInProgress />);
  // then
  await screen.findByText(/^2 other sends are going out/);
  expect(screen.getByRole("link", { name: "View" }).getAttribute("href")).toBe("/runs");
});

test("what the schedule sends can be closed, and stays closed", async () => {
  // given
  runs(aRun({ id: "Run:9", actor: null, trigger: "AUTOMATED" }));
  show(<RunsInProgress />);
  await screen.findByText(/^Automated recalls are going out/);
  // when
  fireEvent.click(screen.getByRole("button", { name: "Close" }));
  // then
  expect(screen.queryByRole("article")).toBeNull();
});

test("one's own send can be undone after the page was loaded again", async () => {
  // given
  vi.useFakeTimers({ now: Date.parse("2026-11-23T00:00:04Z"), toFake: ["Date"] });
  runs(aRun({ ...HELD, id: "Run:5", actorId: "AccessToken:1", planned: 2, queued: 2 }));
  // when
  show(<RunsInProgress />);
  // then
  await screen.findByText("Sending 2 SMS in 6 seconds");
  expect(button("Undo")).toBeTruthy();
});

test("a run that was started here is shown once", async () => {
  // given
  runs(
    aRun({ id: "Run:1", actor: "Kim", planned: 1, queued: 1 }),
    aRun({ id: "Run:8", actor: "Lee" }),
  );
  // when
  started({ planned: 1, queued: 1 });
  // then
  await screen.findByText(/^Lee is sending/);
  expect(screen.getAllByRole("article").length).toBe(2);
});
