// Tests of how a large selection is cut into what one send takes.
import { expect, test } from "vitest";

import { aRecall } from "../../testing/facts";
import { batches } from "./batches";
import type { Selected } from "./selection";

/** Recalls of so many patients, so many of each. */
function recallsOf(patients: number, each = 1): ReadonlyMap<string, Selected> {
  const found = new Map<string, Selected>();
  for (let turn = 0; turn < each; turn += 1)
    for (let patient = 0; patient < patients; patient += 1) {
      const id = `Recall:${patient}-${turn}`;
      const { patient: usual } = aRecall();
      found.set(id, { ...aRecall({ id }), patient: { ...usual, id: `Patient:${patient}` } });
    }
  return found;
}

test("nothing selected is no part", () => {
  expect(batches(new Map())).toEqual([]);
});

test("a thousand go in one part", () => {
  expect(batches(recallsOf(1000)).map((part) => part.length)).toEqual([1000]);
});

test("what is over a thousand goes in another", () => {
  expect(batches(recallsOf(1002)).map((part) => part.length)).toEqual([1000, 2]);
});

test("nobody's recalls are in two parts", () => {
  // given
  const selected = recallsOf(400, 3);
  // when
  const cut = batches(selected);
  // then
  const patients = cut.map((part) => new Set(part.map((id) => selected.get(id)?.patient.id)));
  expect(cut.map((part) => part.length)).toEqual([999, 201]);
  expect([...(patients[0] ?? [])].filter((id) => patients[1]?.has(id))).toEqual([]);
});

test("every recall is in a part, once", () => {
  // given
  const selected = recallsOf(700, 2);
  // when
  const ids = batches(selected).flat();
  // then
  expect(ids.toSorted()).toEqual([...selected.keys()].toSorted());
});

test("a patient of more than a part's size gets one alone", () => {
  // given
  const selected = new Map([...recallsOf(1, 1200), ...recallsOf(2)]);
  // then
  expect(batches(selected).map((part) => part.length)).toEqual([1200, 1]);
});
