// Tests of what an audit event's details and subject say.
import { expect, test } from "vitest";

import type { AuditAction } from "../gql/graphql";
import { anEvent, PRIYA, SYDNEY } from "../testing/facts";
import { detailsOf, subjectOf } from "./audit-words";

function details(action: AuditAction, known: object, zone = SYDNEY) {
  return detailsOf(anEvent({ action, details: JSON.stringify(known) }), zone);
}

/** The only detail's text. */
function told(key: string, value: unknown, action: AuditAction = "BLOCK_CHANGED"): string {
  return details(action, { [key]: value })
    .map(({ text }) => text)
    .join(" | ");
}

test("an event without details has none to tell", () => {
  expect(detailsOf(anEvent(), SYDNEY)).toEqual([]);
  expect(detailsOf(anEvent({ details: "null" }), SYDNEY)).toEqual([]);
  expect(detailsOf(anEvent({ details: "7" }), SYDNEY)).toEqual([]);
});

test("a detail is called what the screen calls it", () => {
  expect(details("BLOCK_CHANGED", { note: "Asked for a call" })).toEqual([
    { name: "Note", text: "Asked for a call" },
  ]);
});

test("a detail that has no name here is shown as it comes", () => {
  expect(details("SIGNED_IN", { quite_new: "yes" })).toEqual([{ name: "quite new", text: "yes" }]);
});

test("an id is no detail", () => {
  expect(details("BLOCK_CHANGED", { id: 7 })).toEqual([]);
});

test("a change of the set-up is told from old to new", () => {
  expect(details("SETUP_CHANGED", { id: [1, 1], sms_repeat_days: [3, 5] })).toEqual([
    { name: "Days after an SMS", text: "3 → 5" },
  ]);
});

test("what was made in the set-up is told without an old value", () => {
  expect(details("SETUP_CHANGED", { id: [null, 2], name: [null, "Moles"] })).toEqual([
    { name: "Name", text: "Moles" },
  ]);
});

test("two reasons of a run are a list and no change", () => {
  expect(told("reasons", ["Mole review", "Skin check"], "RECALLS_SENT")).toBe(
    "Mole review, Skin check",
  );
});

test("in the set-up what is no pair is told as it is", () => {
  expect(told("reasons", ["a", "b", "c"], "SETUP_CHANGED")).toBe("a, b, c");
});

test("lists are told old and new", () => {
  expect(told("steps", [["SMS", "PHONE"], []], "SETUP_CHANGED")).toBe("SMS, Call → none");
});

test("yes and no are told in words", () => {
  expect(told("blockedRecalls", true)).toBe("yes");
  expect(told("blockedRecalls", false)).toBe("no");
});

test("that there is nothing is told", () => {
  expect(told("note", null)).toBe("nothing");
});

test("a token without an end expires never", () => {
  expect(told("expiresAt", null, "TOKEN_CREATED")).toBe("never");
});

test.each([
  ["kind", "PHONE", "Call"],
  ["role", "CONNECTOR", "Connector"],
  ["source", "PATIENT_REPLY", "by the patient’s reply"],
  ["actions", ["SIGNED_IN"], "Signed in"],
])("%s is told in the words of the screens", (key, value, words) => {
  expect(told(key, value)).toBe(words);
});

test("a value that has no words here is shown as it comes", () => {
  expect(told("kind", "PIGEON")).toBe("PIGEON");
});

test("a time of day is told without its seconds", () => {
  expect(told("send_from", ["09:00:00", "10:30:00"], "SETUP_CHANGED")).toBe("09:00 → 10:30");
});

test("a moment is told by the practice's clock, as PostgreSQL or JSON writes it", () => {
  // given
  const moments = ["2025-03-04 01:05:00+00:00", "2025-03-04T01:05:00Z"];
  // then
  for (const moment of moments)
    expect(details("TOKEN_CREATED", { expiresAt: moment }, "Australia/Perth")).toEqual([
      { name: "Expires", text: "4 Mar 2025, 9:05 am" },
    ]);
});

const names = new Map([["Category:3", "Skin checks"]]);

test("an event about nothing has no subject", () => {
  expect(subjectOf(anEvent(), names)).toBeNull();
});

test("a category is called by its name and leads to it", () => {
  expect(subjectOf(anEvent({ subject: "Category:3" }), names)).toEqual({
    text: "Skin checks",
    href: "/setup/categories/Category:3",
  });
});

test("what is gone, or has no name, is called what it is", () => {
  expect(subjectOf(anEvent({ subject: "Category:4" }), names)?.text).toBe("a category");
});

test.each([
  ["Run:9", "a run", "/runs/Run:9"],
  ["Practice:1", "the preferences", "/setup/preferences"],
  ["AccessToken:2", "an access token", "/setup/tokens"],
  ["Person:2", "a person", "/setup/people"],
])("%s leads to where it is seen", (subject, text, href) => {
  expect(subjectOf(anEvent({ subject }), names)).toEqual({ text, href });
});

test("a number is told as people write it, and leads nowhere", () => {
  expect(subjectOf(anEvent({ subject: "+61491570006" }), names)).toEqual({
    text: "0491 570 006",
    href: "",
  });
});

test("where the patient says it all there is no subject besides", () => {
  expect(subjectOf(anEvent({ subject: "Recall:5", patient: PRIYA }), names)).toBeNull();
});

test("a session is nothing besides who began or ended it", () => {
  expect(subjectOf(anEvent({ action: "SESSION_ENDED", subject: "Session:7" }), names)).toBeNull();
});

test("what has no page and no patient is told as it comes", () => {
  expect(subjectOf(anEvent({ subject: "Recall:5" }), names)).toEqual({
    text: "Recall:5",
    href: "",
  });
});
