// Tests of the screen's words for the API's enums.
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

test("PHONE reads as Call", () => {
  expect(words.KIND.PHONE).toBe("Call");
});

test("withheld consent reads as in the practice's own software", () => {
  expect(words.REASON.PMS_CONSENT_WITHHELD).toBe("Does not wish to be contacted by SMS");
});
