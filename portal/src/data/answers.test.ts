// Tests of what is held of live queries' answers: the latest, and no more than a day needs.
import { expect, test } from "vitest";

import { forgetAnswers, holdAnswer, lastAnswer } from "./answers";

const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);

test("the last answer to a request is held", () => {
  // given
  holdAnswer(1, "before");
  // when
  holdAnswer(1, "now");
  // then
  expect(lastAnswer(1)).toBe("now");
  expect(lastAnswer(2)).toBeUndefined();
});

test("of a day's answers, only the latest fifty are held", () => {
  // when
  for (const number of numbers(1000)) holdAnswer(number, "an answer");
  // then
  const held = numbers(1000).filter((number) => lastAnswer(number) !== undefined);
  expect(held).toEqual(numbers(50).map((number) => 950 + number));
});

test("an answer that is read again is held longer", () => {
  // given
  for (const number of numbers(50)) holdAnswer(number, "an answer");
  // when
  holdAnswer(0, "another");
  holdAnswer(50, "an answer");
  // then
  expect(lastAnswer(0)).toBe("another");
  expect(lastAnswer(1)).toBeUndefined();
});

test("all answers can be forgotten", () => {
  // given
  holdAnswer(1, "an answer");
  // when
  forgetAnswers();
  // then
  expect(lastAnswer(1)).toBeUndefined();
});
