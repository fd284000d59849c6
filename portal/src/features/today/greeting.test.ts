// Tests of the greeting, which goes by the practice's clock.
import { expect, test } from "vitest";

import { dayText, greeting } from "./greeting";

test.each([
  ["2026-11-29T13:00:00Z", "Good morning"],
  ["2026-11-30T00:59:59Z", "Good morning"],
  ["2026-11-30T01:00:00Z", "Good afternoon"],
  ["2026-11-30T06:59:59Z", "Good afternoon"],
  ["2026-11-30T07:00:00Z", "Good evening"],
])("in Sydney it is, at %s: %s", (at, words) => {
  expect(greeting(Date.parse(at), "Australia/Sydney")).toBe(words);
});

test("the date is the practice's", () => {
  // given
  const evening = Date.parse("2026-11-30T15:30:00Z");
  // then
  expect(dayText(evening, "Australia/Perth")).toBe("Monday 30 November");
  expect(dayText(evening, "Australia/Sydney")).toBe("Tuesday 1 December");
});
