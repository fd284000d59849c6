// Tests of what several screens remember, wait with and run.
import { act, renderHook } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import "../testing/screen";
import { Failure } from "../client";
import { later } from "../testing/later";
import { useAction } from "./use-action";
import { remember, useRemembered } from "./use-remembered";
import { useSettled } from "./use-settled";

afterEach(() => {
  vi.useRealTimers();
});

test("what is typed is taken once somebody has paused", () => {
  // given
  vi.useFakeTimers();
  const { result, rerender } = renderHook((typed: string) => useSettled(typed, 250), {
    initialProps: "",
  });
  // when
  rerender("n");
  act(() => vi.advanceTimersByTime(200));
  rerender("na");
  act(() => vi.advanceTimersByTime(200));
  // then
  expect(result.current).toBe("");
  // when
  act(() => vi.advanceTimersByTime(50));
  // then
  expect(result.current).toBe("na");
});

test("what was typed is there again when one comes back to the screen", () => {
  // given
  const first = renderHook(() => useRemembered("typed"));
  act(() => first.result.current[1]("nair"));
  expect(first.result.current[0]).toBe("nair");
  first.unmount();
  // when
  const again = renderHook(() => useRemembered("typed"));
  // then
  expect(again.result.current[0]).toBe("nair");
});

test("a screen can be told what to begin with, and another one doesn't hear of it", () => {
  // given
  remember("number", "0491 570 006");
  // then
  expect(renderHook(() => useRemembered("number")).result.current[0]).toBe("0491 570 006");
  expect(renderHook(() => useRemembered("other")).result.current[0]).toBe("");
});

test("what a button does is done once at a time", async () => {
  // given
  const { result } = renderHook(useAction);
  const { promise, keep } = later<void>();
  const work = vi.fn<() => Promise<void>>(() => promise);
  act(() => void result.current.run(work));
  expect(result.current.busy).toBe(true);
  // when
  act(() => void result.current.run(work));
  await act(async () => keep());
  // then
  expect(work).toHaveBeenCalledOnce();
  expect(result.current.busy).toBe(false);
});

test("what went wrong is told until it is tried again", async () => {
  // given
  const { result } = renderHook(useAction);
  await act(() => result.current.run(() => Promise.reject(new Failure("Not just now."))));
  expect(result.current.error).toBe("Not just now.");
  // when
  await act(() => result.current.run(() => Promise.resolve()));
  // then
  expect(result.current.error).toBe("");
});

test("what went wrong can be put away", async () => {
  // given
  const { result } = renderHook(useAction);
  await act(() => result.current.run(() => Promise.reject(new Failure("Not just now."))));
  // when
  act(() => result.current.clear());
  // then
  expect(result.current.error).toBe("");
});

test("a bug is not told as something that went wrong", async () => {
  // given
  const { result } = renderHook(useAction);
  // when
  const ran = act(() => result.current.run(() => Promise.reject(new TypeError("a bug"))));
  // then
  await expect(ran).rejects.toThrow("a bug");
  expect(result.current.error).toBe("");
  expect(result.current.busy).toBe(false);
});
