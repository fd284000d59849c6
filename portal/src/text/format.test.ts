// Tests of how dates, times, names, numbers and counts read.
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import {
  agoText,
  count,
  dateText,
  daysBetween,
  dueText,
  mobileText,
  momentText,
  nameText,
  namesText,
  today,
} from "./format";

beforeEach(() => {
  // A quarter to eleven at night in Sydney, a quarter to eight in the evening in Perth.
  vi.useFakeTimers({ now: Date.parse("2026-11-23T11:45:00Z") });
});
afterEach(() => {
  vi.useRealTimers();
});

test("a date has its month in letters, and its year", () => {
  expect(dateText("2026-03-04")).toBe("4 Mar 2026");
});

test("a date is the same day wherever the computer is", () => {
  expect(dateText("2026-10-04")).toBe("4 Oct 2026");
});

test("a moment of this year has no year", () => {
  expect(momentText("2026-03-04T01:05:00Z", "Australia/Sydney")).toBe("4 Mar, 12:05 pm");
});

test("a moment of another year has its year", () => {
  expect(momentText("2025-03-04T01:05:00Z", "Australia/Sydney")).toBe("4 Mar 2025, 12:05 pm");
});

test("a moment is shown in the practice's time, not the computer's", () => {
  expect(momentText("2026-03-04T01:05:00Z", "Australia/Perth")).toBe("4 Mar, 9:05 am");
});

test("the practice's clock decides whether it is another year", () => {
  // given: New Year's Eve in Perth, New Year in Sydney
  vi.setSystemTime("2026-12-31T14:00:00Z");
  // then
  expect(momentText("2026-12-31T14:00:00Z", "Australia/Sydney")).toBe("1 Jan, 1:00 am");
  expect(momentText("2026-12-30T14:00:00Z", "Australia/Sydney")).toBe("31 Dec 2026, 1:00 am");
  expect(momentText("2026-12-30T14:00:00Z", "Australia/Perth")).toBe("30 Dec, 10:00 pm");
});

test("today is the practice's day", () => {
  expect(today("Australia/Sydney")).toBe("2026-11-23");
  expect(today("Pacific/Auckland")).toBe("2026-11-24");
});

test("the days between two dates are whole, even across the end of daylight saving", () => {
  expect(daysBetween("2026-04-04", "2026-04-06")).toBe(2);
  expect(daysBetween("2026-04-06", "2026-04-04")).toBe(-2);
});

test.each([
  ["2026-11-23", "today"],
  ["2026-11-24", "tomorrow"],
  ["2026-11-25", "in 2 days"],
  ["2026-11-22", "1 day overdue"],
  ["2026-11-10", "13 days overdue"],
  ["2026-11-09", "2 weeks overdue"],
  ["2026-09-25", "8 weeks overdue"],
  ["2026-09-24", "1 month overdue"],
  ["2027-01-22", "in 1 month"],
  ["2024-11-24", "23 months overdue"],
  ["2024-11-23", "1 year overdue"],
  ["2021-11-23", "4 years overdue"],
])("due on %s reads as %s", (due, told) => {
  expect(dueText(due, "2026-11-23")).toBe(told);
});

test.each([
  ["2026-11-23T11:00:00Z", "today"],
  ["2026-11-22T13:30:00Z", "today"],
  ["2026-11-22T12:30:00Z", "yesterday"],
  ["2026-11-20T00:00:00Z", "3 days ago"],
  ["2026-11-02T00:00:00Z", "3 weeks ago"],
])("the moment %s was %s in Sydney", (moment, told) => {
  expect(agoText(moment, "Australia/Sydney")).toBe(told);
});

test("a moment in the future, by a wrong clock, was today", () => {
  expect(agoText("2026-11-25T00:00:00Z", "Australia/Sydney")).toBe("today");
});

test("one takes the singular", () => {
  expect(count(1, "message")).toBe("1 message");
});

test("none and several take the plural, and thousands a comma", () => {
  expect(count(0, "message")).toBe("0 messages");
  expect(count(12_000, "message")).toBe("12,000 messages");
});

test("an irregular plural can be given", () => {
  expect(count(2, "recall in them", "recalls in them")).toBe("2 recalls in them");
});

test("an Australian mobile is shown as Australians write it", () => {
  expect(mobileText("+61491570156")).toBe("0491 570 156");
});

test.each(["+6421123456", "+614915701567", "0491570156", "unknown"])(
  "any other number stays as it is: %s",
  (number) => {
    expect(mobileText(number)).toBe(number);
  },
);

test("a name is the first and last name", () => {
  expect(nameText({ firstName: "Priya", lastName: "Nair" })).toBe("Priya Nair");
});

test("a single name has no space beside it", () => {
  expect(nameText({ firstName: "", lastName: "Nair" })).toBe("Nair");
  expect(nameText({ firstName: "Priya", lastName: "" })).toBe("Priya");
});

test("names are listed as in a sentence", () => {
  // given
  const people = ["Priya", "Tom", "Ann"].map((firstName) => ({ firstName, lastName: "Nair" }));
  // then
  expect(namesText(people)).toBe("Priya Nair, Tom Nair and Ann Nair");
  expect(namesText(people.slice(0, 2))).toBe("Priya Nair and Tom Nair");
  expect(namesText([])).toBe("");
  // The API names at most 100 patients for a number.
  const many = Array.from({ length: 100 }, () => people[0]!);
  expect(namesText(many.slice(1)).endsWith("Priya Nair and Priya Nair")).toBe(true);
  expect(namesText(many).endsWith("Priya Nair and others")).toBe(true);
});
