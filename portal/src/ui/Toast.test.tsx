// Tests of the lines that say what was just done: how long each stays, and its way back.
import { act, fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Failure } from "../api/errors";
import { show } from "../testing/screen";
import { pressUndo, Toasts } from "./Toast";
import { showToast } from "./toasts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  act(() => vi.advanceTimersByTime(60_000));
  vi.useRealTimers();
});

const undo = vi.fn<() => Promise<void>>();

/** Say it, with a way back if one is given. */
function say(text: string, back?: () => Promise<void>): void {
  act(() => showToast(text, back));
}
const lines = () => screen.queryAllByRole("article").map((line) => line.textContent);
const pass = (seconds: number) => act(() => vi.advanceTimersByTime(seconds * 1000));

test("what was done is told for six seconds", () => {
  // given
  show(<Toasts />);
  say("Letter recorded for Sofia Jones");
  // when
  pass(5.9);
  // then
  expect(lines()).toEqual(["Letter recorded for Sofia Jones"]);
  // when
  pass(0.2);
  // then
  expect(lines()).toEqual([]);
});

test("it can be undone for ten seconds", () => {
  // given
  show(<Toasts />);
  say("Call recorded for Sofia Jones", undo);
  // when
  pass(9.9);
  // then
  expect(screen.getByRole("button", { name: "Undo" })).toBeTruthy();
  // when
  pass(0.2);
  // then
  expect(lines()).toEqual([]);
});

test("the time stands still while somebody has the focus in the line", () => {
  // given
  show(<Toasts />);
  say("Call recorded for Sofia Jones", undo);
  pass(9);
  // when
  fireEvent.focus(screen.getByRole("button", { name: "Undo" }));
  pass(60);
  // then
  expect(lines().length).toBe(1);
  // when
  fireEvent.blur(screen.getByRole("button", { name: "Undo" }));
  pass(1.1);
  // then
  expect(lines()).toEqual([]);
});

test("there are three at most, and the oldest leaves", () => {
  // given
  show(<Toasts />);
  // when
  for (const text of ["One", "Two", "Three", "Four"]) say(text);
  // then
  expect(lines()).toEqual(["Two", "Three", "Four"]);
});

test("the key for undo takes back the newest", async () => {
  // given
  undo.mockResolvedValue();
  const older = vi.fn<() => Promise<void>>();
  show(<Toasts />);
  say("One", older);
  say("Two", undo);
  // when
  await act(async () => pressUndo());
  // then
  expect(undo).toHaveBeenCalledOnce();
  expect(older).not.toHaveBeenCalled();
  expect(lines()).toEqual(["OneUndo"]);
});

test("what couldn't be taken back stays, and says why", async () => {
  // given
  undo.mockRejectedValue(new Failure("It was sent already."));
  show(<Toasts />);
  say("Two", undo);
  // when
  await act(async () => pressUndo());
  pass(60);
  // then
  expect(screen.getByRole("alert").textContent).toBe("It was sent already.");
  // when
  fireEvent.click(screen.getByRole("button", { name: "Close" }));
  // then
  expect(lines()).toEqual([]);
});
