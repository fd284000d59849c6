// Tests of work that several things ask for: one at a time, and never older than the last that asked.
import { expect, test } from "vitest";

import { later } from "../testing/later";
import { inTurn } from "./in-turn";

/** Work that is done when the test says so. */
function slow() {
  const under = [later<void>(), later<void>(), later<void>()];
  let begun = 0;
  return {
    begun: () => begun,
    work: () => under[begun++]?.promise ?? Promise.resolve(),
    finish: async (which: number) => {
      under[which]?.keep();
      await new Promise((resolve) => setTimeout(resolve));
    },
  };
}

test("work is begun at once", () => {
  // given
  const { work, begun } = slow();
  // when
  inTurn(work)();
  // then
  expect(begun()).toBe(1);
});

test("what is asked for while it is under way is not done beside it", () => {
  // given
  const { work, begun } = slow();
  const ask = inTurn(work);
  ask();
  // when
  ask();
  // then
  expect(begun()).toBe(1);
});

test("it is done once more afterwards, however often it was asked for meanwhile", async () => {
  // given
  const { work, begun, finish } = slow();
  const ask = inTurn(work);
  ask();
  ask();
  ask();
  // when
  await finish(0);
  // then
  expect(begun()).toBe(2);
  // when
  await finish(1);
  // then
  expect(begun()).toBe(2);
});

test("it can be asked for again when it is done", async () => {
  // given
  const { work, begun, finish } = slow();
  const ask = inTurn(work);
  ask();
  await finish(0);
  // when
  ask();
  // then
  expect(begun()).toBe(2);
});
