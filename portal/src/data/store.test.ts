// Tests of values that the whole page shares.
import { act, renderHook } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import { createStore, useStore } from "./store";

test("watchers are told of each change until they stop", () => {
  // given
  const store = createStore(1);
  const told = vi.fn<() => void>();
  const stop = store.subscribe(told);
  // when
  store.set(2);
  // then
  expect(store.get()).toBe(2);
  expect(told).toHaveBeenCalledOnce();
  // when
  stop();
  store.set(3);
  // then
  expect(told).toHaveBeenCalledOnce();
});

test("setting the same value again is no change", () => {
  // given
  const value = { of: "ours" };
  const store = createStore(value);
  const told = vi.fn<() => void>();
  store.subscribe(told);
  // when
  store.set(value);
  // then
  expect(told).not.toHaveBeenCalled();
});

test("a watcher that stops while others are told keeps none of them from hearing", () => {
  // given
  const store = createStore(1);
  const told = vi.fn<() => void>();
  const stop = store.subscribe(() => stop());
  store.subscribe(told);
  // when
  store.set(2);
  // then
  expect(told).toHaveBeenCalledOnce();
});

test("the screen follows the store", () => {
  // given
  const store = createStore("before");
  const { result } = renderHook(() => useStore(store));
  expect(result.current).toBe("before");
  // when
  act(() => store.set("after"));
  // then
  expect(result.current).toBe("after");
});
