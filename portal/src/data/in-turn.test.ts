// Tests of work on demand: once at a time, and always begun after the last request.
import { expect, test } from "vitest";

import { later } from "../testing/later";
import { inTurn } from "./in-turn";

/** Work that ends when the test says so. */
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

test("work begins at once", () => {
  // given
  const { work, begun } = slow();
  // when
  inTurn(work)();
  // then
  expect(begun()).toBe(1);
});

test("work requested while it is in progress doesn't run twice at a time", () => {
  // given
  const { work, begun } = slow();
  const ask = inTurn(work);
  ask();
  // when
  ask();
  // then
  expect(begun()).toBe(1);
});

test("it runs once more afterwards, however often it was requested meanwhile", async () => {
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

test("it can be requested again when it is done", async () => {
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
