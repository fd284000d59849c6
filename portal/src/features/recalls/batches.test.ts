// Tests of splitting a large selection into batches.
import { expect, test } from "vitest";

import { aRecall } from "../../testing/facts";
import { batches } from "./batches";
import type { Selected } from "./selection";

/** Return `each` recalls for every one of `patients` patients. */
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

test("an empty selection has no batch", () => {
  expect(batches(new Map())).toEqual([]);
});

test("a thousand recalls fit in one batch", () => {
  expect(batches(recallsOf(1000)).map((batch) => batch.length)).toEqual([1000]);
});

test("recalls beyond a thousand go in another batch", () => {
  expect(batches(recallsOf(1002)).map((batch) => batch.length)).toEqual([1000, 2]);
});

test("a patient's recalls are never split between batches", () => {
  // given
  const selected = recallsOf(400, 3);
  // when
  const cut = batches(selected);
  // then
  const patients = cut.map((batch) => new Set(batch.map((id) => selected.get(id)?.patient.id)));
  expect(cut.map((batch) => batch.length)).toEqual([999, 201]);
  expect([...(patients[0] ?? [])].filter((id) => patients[1]?.has(id))).toEqual([]);
});

test("every recall is in exactly one batch", () => {
  // given
  const selected = recallsOf(700, 2);
  // when
  const ids = batches(selected).flat();
  // then
  expect(ids.toSorted()).toEqual([...selected.keys()].toSorted());
});

test("a patient with more recalls than a batch takes gets one of their own", () => {
  // given
  const selected = new Map([...recallsOf(1, 1200), ...recallsOf(2)]);
  // then
  expect(batches(selected).map((batch) => batch.length)).toEqual([1200, 1]);
});
