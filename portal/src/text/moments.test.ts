// Tests of moments and days between the practice's clock and the API's.
import { expect, test } from "vitest";

import { dayBegins, untilText } from "./moments";

const NOW = Date.parse("2026-11-23T00:00:00Z");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test.each([
  [-HOUR, "now"],
  [20_000, "now"],
  [MINUTE, "in 1 minute"],
  [25 * MINUTE, "in 25 minutes"],
  [59.4 * MINUTE, "in 59 minutes"],
  [60 * MINUTE, "in 1 hour"],
  [14 * HOUR, "in 14 hours"],
  [47 * HOUR, "in 47 hours"],
  [48 * HOUR, "in 2 days"],
  [75 * HOUR, "in 3 days"],
])("%d milliseconds ahead reads as %s", (ahead, told) => {
  expect(untilText(new Date(NOW + ahead).toISOString(), NOW)).toBe(told);
});

test("a day begins at the practice's midnight", () => {
  expect(dayBegins("2026-07-01", "Australia/Sydney")).toBe("2026-06-30T14:00:00.000Z");
});

test("a later day can be asked for, even past the end of a month", () => {
  expect(dayBegins("2026-07-31", "Australia/Sydney", 1)).toBe("2026-07-31T14:00:00.000Z");
});

test("the day on which the clocks go forward begins in the old time", () => {
  expect(dayBegins("2026-10-04", "Australia/Sydney")).toBe("2026-10-03T14:00:00.000Z");
  expect(dayBegins("2026-10-04", "Australia/Sydney", 1)).toBe("2026-10-04T13:00:00.000Z");
});

test("the day on which the clocks go back begins in the old time", () => {
  expect(dayBegins("2026-04-05", "Australia/Sydney")).toBe("2026-04-04T13:00:00.000Z");
  expect(dayBegins("2026-04-05", "Australia/Sydney", 1)).toBe("2026-04-05T14:00:00.000Z");
});

test("a zone's half hour counts", () => {
  expect(dayBegins("2026-07-01", "Australia/Adelaide")).toBe("2026-06-30T14:30:00.000Z");
});

test("west of Greenwich a day begins after UTC's", () => {
  expect(dayBegins("2026-07-01", "America/New_York")).toBe("2026-07-01T04:00:00.000Z");
});

test("at Greenwich a day begins with UTC's", () => {
  expect(dayBegins("2026-01-01", "UTC")).toBe("2026-01-01T00:00:00.000Z");
});
