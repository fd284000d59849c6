// Tests of what is typed over something that somebody else may change meanwhile.
import { act, renderHook } from "@testing-library/react";
import { expect, test } from "vitest";

import { differences, useDraft } from "./use-draft";

interface Kept {
  name: string;
  steps: readonly string[];
  automated: boolean;
}
const KEPT: Kept = { name: "Skin", steps: ["SMS"], automated: true };

/** A draft over what is kept; `keep` is somebody else's change arriving, or one's own once saved. */
function aDraft() {
  const { result, rerender } = renderHook((kept: Kept) => useDraft(kept), { initialProps: KEPT });
  return {
    now: () => result.current,
    type: <Field extends keyof Kept>(field: Field, to: Kept[Field]) =>
      act(() => result.current.set(field, to)),
    drop: (...fields: (keyof Kept)[]) => act(() => result.current.drop(fields)),
    keep: (change: Partial<Kept>) => rerender({ ...KEPT, ...change }),
  };
}

test("in the beginning what is kept is shown, and nothing is changed", () => {
  // given
  const draft = aDraft();
  // then
  expect(draft.now().value).toEqual(KEPT);
  expect(draft.now().changed).toEqual([]);
  expect(draft.now().meanwhile).toEqual([]);
});

test("what is typed lies over what is kept", () => {
  // given
  const draft = aDraft();
  // when
  draft.type("name", "Moles");
  // then
  expect(draft.now().value).toEqual({ ...KEPT, name: "Moles" });
  expect(draft.now().changed).toEqual(["name"]);
});

test("what is typed back to what it was is no change", () => {
  // given
  const draft = aDraft();
  draft.type("name", "Moles");
  // when
  draft.type("name", "Skin");
  // then
  expect(draft.now().changed).toEqual([]);
});

test("a list that is the same again is no change", () => {
  // given
  const draft = aDraft();
  draft.type("steps", ["SMS", "PHONE"]);
  // when
  draft.type("steps", ["SMS"]);
  // then
  expect(draft.now().changed).toEqual([]);
});

test("fields that weren't touched go with what somebody else saves", () => {
  // given
  const draft = aDraft();
  draft.type("name", "Moles");
  // when
  draft.keep({ steps: ["PHONE"] });
  // then
  expect(draft.now().value).toEqual({ name: "Moles", steps: ["PHONE"], automated: true });
});

test("what somebody else has changed since one began is told", () => {
  // given
  const draft = aDraft();
  draft.type("name", "Moles");
  // when
  draft.keep({ name: "Skin checks", steps: ["PHONE"] });
  // then
  expect(draft.now().meanwhile).toEqual(["name", "steps"]);
  expect(draft.now().value.name).toBe("Moles");
});

test("what was changed elsewhere before one began is not told", () => {
  // given
  const draft = aDraft();
  draft.keep({ steps: ["PHONE"] });
  // when
  draft.type("name", "Moles");
  // then
  expect(draft.now().meanwhile).toEqual([]);
});

test("without a change of one's own nobody else's is told", () => {
  // given
  const draft = aDraft();
  // when
  draft.keep({ steps: ["PHONE"] });
  // then
  expect(draft.now().meanwhile).toEqual([]);
});

test("theirs can be used instead", () => {
  // given
  const draft = aDraft();
  draft.type("name", "Moles");
  draft.type("automated", false);
  draft.keep({ name: "Skin checks" });
  // when
  draft.drop("name");
  // then
  expect(draft.now().value).toEqual({ ...KEPT, name: "Skin checks", automated: false });
  expect(draft.now().changed).toEqual(["automated"]);
});

test("what was saved is kept, and a later change of somebody else's is shown", () => {
  // given
  const draft = aDraft();
  draft.type("name", "Moles");
  draft.keep({ name: "Moles" });
  // when
  draft.keep({ name: "Skin checks" });
  // then
  expect(draft.now().value.name).toBe("Skin checks");
  expect(draft.now().changed).toEqual([]);
});

test("the differences of two states are the fields whose values differ", () => {
  expect(differences(KEPT, { ...KEPT, steps: ["SMS"], automated: false })).toEqual(["automated"]);
});
