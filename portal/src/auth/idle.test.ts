// Tests of idle time: across the person's tabs, and while a computer sleeps.
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

test("an idle person is warned a minute before the end", () => {
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
  "%s keeps a person signed in",
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

test("in the last minute only choosing to stay keeps a person signed in", () => {
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

test("touching a computer that slept too long keeps nobody signed in", () => {
  // given: no timer runs meanwhile
  vi.setSystemTime(Date.now() + LIMIT);
  // when
  touch("pointermove");
  // then
  expect(over).toHaveBeenCalledTimes(1);
});

test("the API hears once a minute that somebody is there, and nothing if nobody is", () => {
  // when
  for (let second = 0; second < 180; second += 1) {
    touch();
    vi.advanceTimersByTime(1000);
  }
  // then
  expect(used).toHaveBeenCalledTimes(3);
  // when
  vi.advanceTimersByTime(10 * MINUTE);
  // then: at most one more, for the last touches
  expect(used.mock.calls.length).toBeLessThanOrEqual(4);
});

test("the person's use of another tab counts, and other people's doesn't", async () => {
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
