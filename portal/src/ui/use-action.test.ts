// Tests of a button's action and its errors.
import { act, renderHook } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import "../testing/screen";
import { Failure } from "../api/errors";
import { later } from "../testing/later";
import { useAction } from "./use-action";

test("an action runs once at a time", async () => {
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

test("an error stays until the action is tried again", async () => {
  // given
  const { result } = renderHook(useAction);
  await act(() => result.current.run(() => Promise.reject(new Failure("Not just now."))));
  expect(result.current.error).toBe("Not just now.");
  // when
  await act(() => result.current.run(() => Promise.resolve()));
  // then
  expect(result.current.error).toBe("");
});

test("an error can be dismissed", async () => {
  // given
  const { result } = renderHook(useAction);
  await act(() => result.current.run(() => Promise.reject(new Failure("Not just now."))));
  // when
  act(() => result.current.clear());
  // then
  expect(result.current.error).toBe("");
});

test("a bug is thrown, not shown as an error", async () => {
  // given
  const { result } = renderHook(useAction);
  // when
  const ran = act(() => result.current.run(() => Promise.reject(new TypeError("a bug"))));
  // then
  await expect(ran).rejects.toThrow("a bug");
  expect(result.current.error).toBe("");
  expect(result.current.busy).toBe(false);
});
