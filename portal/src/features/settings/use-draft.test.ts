// Tests of a draft over a saved version that somebody else may change meanwhile.
import { act, renderHook } from "@testing-library/react";
import { expect, test } from "vitest";

import { differences, useDraft } from "./use-draft";

interface Kept {
  name: string;
  steps: readonly string[];
  automated: boolean;
}
const KEPT: Kept = { name: "Skin", steps: ["SMS"], automated: true };

/** Return a draft; `keep` brings in a saved version, somebody else's or the person's own. */
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

test("a new draft shows the saved version without changes", () => {
  // given
  const draft = aDraft();
  // then
  expect(draft.now().value).toEqual(KEPT);
  expect(draft.now().changed).toEqual([]);
  expect(draft.now().meanwhile).toEqual([]);
});

test("an edit overrides the saved value", () => {
  // given
  const draft = aDraft();
  // when
  draft.type("name", "Moles");
  // then
  expect(draft.now().value).toEqual({ ...KEPT, name: "Moles" });
  expect(draft.now().changed).toEqual(["name"]);
});

test("typing a value back undoes the change", () => {
  // given
  const draft = aDraft();
  draft.type("name", "Moles");
  // when
  draft.type("name", "Skin");
  // then
  expect(draft.now().changed).toEqual([]);
});

test("setting a list back undoes the change", () => {
  // given
  const draft = aDraft();
  draft.type("steps", ["SMS", "PHONE"]);
  // when
  draft.type("steps", ["SMS"]);
  // then
  expect(draft.now().changed).toEqual([]);
});

test("unedited fields follow what somebody else saves", () => {
  // given
  const draft = aDraft();
  draft.type("name", "Moles");
  // when
  draft.keep({ steps: ["PHONE"] });
  // then
  expect(draft.now().value).toEqual({ name: "Moles", steps: ["PHONE"], automated: true });
});

test("fields that somebody else changed since editing began are reported", () => {
  // given
  const draft = aDraft();
  draft.type("name", "Moles");
  // when
  draft.keep({ name: "Skin checks", steps: ["PHONE"] });
  // then
  expect(draft.now().meanwhile).toEqual(["name", "steps"]);
  expect(draft.now().value.name).toBe("Moles");
});

test("changes by somebody else before editing began are not reported", () => {
  // given
  const draft = aDraft();
  draft.keep({ steps: ["PHONE"] });
  // when
  draft.type("name", "Moles");
  // then
  expect(draft.now().meanwhile).toEqual([]);
});

test("without edits, no changes by somebody else are reported", () => {
  // given
  const draft = aDraft();
  // when
  draft.keep({ steps: ["PHONE"] });
  // then
  expect(draft.now().meanwhile).toEqual([]);
});

test("an edit can be dropped for somebody else's value", () => {
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

test("after a save, a later change by somebody else is shown", () => {
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

test("differences are the fields whose values differ", () => {
  expect(differences(KEPT, { ...KEPT, steps: ["SMS"], automated: false })).toEqual(["automated"]);
});
