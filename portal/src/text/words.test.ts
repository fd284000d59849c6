// Tests of what the API's enums are called on the screen.
import { expect, test } from "vitest";

import * as words from "./words";

const LISTS = Object.entries(words);

test.each(LISTS)("every value of %s has words of its own", (_, list) => {
  // when
  const told = Object.values(list);
  // then
  expect(told.filter((each) => each.trim() === "")).toEqual([]);
  expect(new Set(told).size).toBe(told.length);
});

test.each(LISTS)("no value of %s is shown as the API writes it", (_, list) => {
  expect(Object.values(list).filter((each) => /^[A-Z]+_/.test(each))).toEqual([]);
});

test("a call made is a call, and not a phone", () => {
  expect(words.KIND.PHONE).toBe("Call");
});

test("consent that is withheld reads as the practice's own software says it", () => {
  expect(words.REASON.PMS_CONSENT_WITHHELD).toBe("Does not wish to be contacted by SMS");
});
