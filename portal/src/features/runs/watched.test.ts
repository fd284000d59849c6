// Tests of the runs that were started on this page.
import { act, renderHook } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import { aRun } from "../../testing/facts";
import { close, resume, useStarted, watch } from "./watched";

afterEach(() => {
  vi.useRealTimers();
});

const now = () => renderHook(useStarted).result.current;
const held = (id: string, seconds: number) =>
  aRun({
    id,
    startedAt: "2026-11-23T00:00:00Z",
    heldUntil: new Date(Date.parse("2026-11-23T00:00:00Z") + seconds * 1000).toISOString(),
  });

test("sends are shown newest first, each with its runs", () => {
  // when
  act(() => watch([aRun({ id: "Run:1" })]));
  act(() => watch([aRun({ id: "Run:2" }), aRun({ id: "Run:3" })]));
  // then
  expect(now().map(({ runs }) => runs.map(({ id }) => id))).toEqual([
    ["Run:2", "Run:3"],
    ["Run:1"],
  ]);
});

test("the same send is shown once", () => {
  // when
  act(() => watch([aRun()]));
  act(() => watch([aRun()]));
  // then
  expect(now().length).toBe(1);
});

test("a send that was closed is no longer shown", () => {
  // given
  act(() => watch([aRun({ id: "Run:1" })]));
  act(() => watch([aRun({ id: "Run:2" })]));
  // when
  act(() => close([{ id: "Run:2" }]));
  // then
  expect(now().map(({ key }) => key)).toEqual(["Run:1"]);
});

test.each(["2026-11-23T01:00:00Z", "2026-11-22T23:00:00Z"])(
  "a send can be undone for ten seconds even if the computer's clock is wrong: %s",
  (clock) => {
    // given
    vi.useFakeTimers({ now: Date.parse(clock) });
    // when
    act(() => watch([held("Run:1", 10)]));
    // then
    expect(now()[0]?.until).toBe(Date.parse(clock) + 10_000);
  },
);

test("a send in several runs can be undone as long as the last of them is held", () => {
  // given
  vi.useFakeTimers({ now: 0 });
  // when
  act(() => watch([held("Run:1", 10), held("Run:2", 12)]));
  // then
  expect(now()[0]?.until).toBe(12_000);
});

test("a run that isn't held can't be undone", () => {
  // given
  vi.useFakeTimers({ now: 0 });
  // when
  act(() => watch([aRun()]));
  // then
  expect(now()[0]?.until).toBe(0);
});

test("a send that began in another tab can be undone for what is left of its time", () => {
  // given
  vi.useFakeTimers({ now: Date.parse("2026-11-23T00:00:04Z") });
  // when
  act(() => resume([held("Run:1", 10)]));
  // then
  expect(now()[0]?.until).toBe(Date.parse("2026-11-23T00:00:10Z"));
});

test("a slow clock doesn't offer to undo a resumed send for longer than it is held", () => {
  // given
  vi.useFakeTimers({ now: 0 });
  // when
  act(() => resume([held("Run:1", 10)]));
  // then
  expect(now()[0]?.until).toBe(10_000);
});

test("a run that was resumed before the page knew all its send's runs is shown once", () => {
  // when
  act(() => resume([held("Run:1", 10)]));
  act(() => watch([held("Run:1", 10), held("Run:2", 10)]));
  // then
  expect(now().map(({ runs }) => runs.length)).toEqual([2]);
});
