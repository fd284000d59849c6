// Tests of values that screens remember or delay.
import { act, renderHook } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import { remember, useRemembered } from "./use-remembered";
import { useSettled } from "./use-settled";

afterEach(() => {
  vi.useRealTimers();
});

test("typed text is used after a pause", () => {
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

test("typed text is still there on return to the screen", () => {
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

test("a screen can be given its first value without affecting another", () => {
  // given
  remember("number", "0491 570 006");
  // then
  expect(renderHook(() => useRemembered("number")).result.current[0]).toBe("0491 570 006");
  expect(renderHook(() => useRemembered("other")).result.current[0]).toBe("");
});
