// Tests of how long nobody has used the page: over the person's tabs, and through a computer's sleep.
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { idleLimit, type Watch, watchIdle } from "./idle";

const MINUTE = 60_000;
const LIMIT = 15 * MINUTE;

const lastMinute = vi.fn();
const over = vi.fn();
const used = vi.fn();
let watch: Watch;

beforeEach(() => {
  vi.useFakeTimers();
  watch = watchIdle(LIMIT, () => "Kim", { lastMinute, over, used });
});
afterEach(() => {
  watch.stop();
  vi.useRealTimers();
});

const touch = (kind = "keydown") => void dispatchEvent(new Event(kind));

test("whom nobody has seen is told a minute before, and then it is over", () => {
  // when
  vi.advanceTimersByTime(LIMIT - MINUTE - 1000);
  // then
  expect(lastMinute).not.toHaveBeenCalled();
  // when
  vi.advanceTimersByTime(1000);
  // then
  expect(lastMinute.mock.calls).toEqual([[true]]);
  // when
  vi.advanceTimersByTime(MINUTE - 1000);
  expect(over).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1000);
  // then
  expect(over).toHaveBeenCalledTimes(1);
});

test.each(["keydown", "pointerdown", "pointermove", "wheel", "touchstart"])(
  "who is there by %s stays signed in",
  (kind) => {
    // given
    vi.advanceTimersByTime(10 * MINUTE);
    // when
    touch(kind);
    vi.advanceTimersByTime(LIMIT - MINUTE - 1000);
    // then
    expect(lastMinute).not.toHaveBeenCalled();
  },
);

test("in the last minute a touch isn't enough, and saying so is", () => {
  // given
  vi.advanceTimersByTime(LIMIT - MINUTE / 2);
  // when
  touch();
  vi.advanceTimersByTime(1000);
  // then
  expect(lastMinute.mock.calls).toEqual([[true]]);
  // when
  watch.stay();
  // then
  expect(lastMinute.mock.calls).toEqual([[true], [false]]);
  expect(used).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(LIMIT - MINUTE - 1000);
  expect(over).not.toHaveBeenCalled();
});

test("who touches a computer that has slept too long doesn't stay signed in", () => {
  // given: no timer goes on meanwhile
  vi.setSystemTime(Date.now() + LIMIT);
  // when
  touch("pointermove");
  // then
  expect(over).toHaveBeenCalledTimes(1);
});

test("the API is told once a minute that somebody is there, and of nobody nothing", () => {
  // when
  for (let second = 0; second < 180; second += 1) {
    touch();
    vi.advanceTimersByTime(1000);
  }
  // then
  expect(used).toHaveBeenCalledTimes(3);
  // when
  vi.advanceTimersByTime(10 * MINUTE);
  // then: what was last done as well
  expect(used.mock.calls.length).toBeLessThanOrEqual(4);
});

test("what the person does in another tab counts, and what others do doesn't", async () => {
  // given
  vi.advanceTimersByTime(LIMIT - MINUTE / 2);
  const elsewhere = new BroadcastChannel("recalls.use");
  // when
  elsewhere.postMessage({ by: "Sam", at: Date.now() });
  elsewhere.postMessage({ by: "Kim", at: Date.now() - 1000 });
  // then
  vi.useRealTimers();
  await expect.poll(() => lastMinute.mock.calls).toEqual([[true], [false]]);
  elsewhere.close();
});

test("the page ends a sign-in before the API does", () => {
  expect(idleLimit(3600)).toBe(58 * MINUTE);
  expect(idleLimit(120)).toBe(1.5 * MINUTE);
});
