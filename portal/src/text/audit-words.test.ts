// Tests of the texts for an audit event's details and subject.
import { expect, test } from "vitest";

import type { AuditAction } from "../gql/graphql";
import { anEvent, PRIYA, SYDNEY } from "../testing/facts";
import { detailsOf, subjectOf } from "./audit-words";

function details(action: AuditAction, known: object, zone = SYDNEY) {
  return detailsOf(anEvent({ action, details: JSON.stringify(known) }), zone);
}

/** Return the only detail's text. */
function told(key: string, value: unknown, action: AuditAction = "BLOCK_CHANGED"): string {
  return details(action, { [key]: value })
    .map(({ text }) => text)
    .join(" | ");
}

test("an event without details shows none", () => {
  expect(detailsOf(anEvent(), SYDNEY)).toEqual([]);
  expect(detailsOf(anEvent({ details: "null" }), SYDNEY)).toEqual([]);
  expect(detailsOf(anEvent({ details: "7" }), SYDNEY)).toEqual([]);
});

test("a detail has the same name as on other screens", () => {
  expect(details("BLOCK_CHANGED", { note: "Asked for a call" })).toEqual([
    { name: "Note", text: "Asked for a call" },
  ]);
});

test("an unknown detail is shown under the API's name", () => {
  expect(details("SIGNED_IN", { quite_new: "yes" })).toEqual([{ name: "quite new", text: "yes" }]);
});

test("an id isn't shown as a detail", () => {
  expect(details("BLOCK_CHANGED", { id: 7 })).toEqual([]);
});

test("a change in the set-up shows the old value and the new", () => {
  expect(details("SETUP_CHANGED", { id: [1, 1], sms_repeat_days: [3, 5] })).toEqual([
    { name: "Wait after an SMS (days)", text: "3 → 5" },
  ]);
});

test("something created in the set-up has no old value", () => {
  expect(details("SETUP_CHANGED", { id: [null, 2], name: [null, "Moles"] })).toEqual([
    { name: "Name", text: "Moles" },
  ]);
});

test("two reasons of a run are a list, not a change", () => {
  expect(told("reasons", ["Mole review", "Skin check"], "RECALLS_SENT")).toBe(
    "Mole review, Skin check",
  );
});

test("in the set-up, a list of other than two values isn't a change", () => {
  expect(told("reasons", ["a", "b", "c"], "SETUP_CHANGED")).toBe("a, b, c");
});

test("a changed list shows the old and the new one", () => {
  expect(told("steps", [["SMS", "PHONE"], []], "SETUP_CHANGED")).toBe("SMS, Call → none");
});

test("true and false read as yes and no", () => {
  expect(told("blockedRecalls", true)).toBe("yes");
  expect(told("blockedRecalls", false)).toBe("no");
});

test("null reads as none", () => {
  expect(told("note", null)).toBe("none");
});

test("a token without an expiry never expires", () => {
  expect(told("expiresAt", null, "TOKEN_CREATED")).toBe("never");
});

test.each([
  ["kind", "PHONE", "Call"],
  ["role", "CONNECTOR", "Connector"],
  ["source", "PATIENT_REPLY", "patient replied STOP"],
  ["actions", ["SIGNED_IN"], "Signed in"],
])("%s has the words of the screens", (key, value, words) => {
  expect(told(key, value)).toBe(words);
});

test("an unknown value is shown as the API sends it", () => {
  expect(told("kind", "PIGEON")).toBe("PIGEON");
});

test("a time of day has no seconds", () => {
  expect(told("send_from", ["09:00:00", "10:30:00"], "SETUP_CHANGED")).toBe("09:00 → 10:30");
});

test("a moment is shown in the practice's time, from PostgreSQL's or JSON's format", () => {
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

test("a category is shown by name, with a link", () => {
  expect(subjectOf(anEvent({ subject: "Category:3" }), names)).toEqual({
    text: "Skin checks",
    href: "/setup/categories/Category:3",
  });
});

test("a subject without a known name is called by its type", () => {
  expect(subjectOf(anEvent({ subject: "Category:4" }), names)?.text).toBe("a category");
});

test.each([
  ["Run:9", "see Sent messages", "/runs/Run:9"],
  ["Practice:1", "preferences", "/setup/preferences"],
  ["AccessToken:2", "an access token", "/setup/tokens"],
  ["Person:2", "a person", "/setup/people"],
])("%s links to its page", (subject, text, href) => {
  expect(subjectOf(anEvent({ subject }), names)).toEqual({ text, href });
});

test("a number is shown as people write it, without a link", () => {
  expect(subjectOf(anEvent({ subject: "+61491570006" }), names)).toEqual({
    text: "0491 570 006",
    href: "",
  });
});

test("an event about a patient's recall has no other subject", () => {
  expect(subjectOf(anEvent({ subject: "Recall:5", patient: PRIYA }), names)).toBeNull();
});

test("a session isn't shown as a subject", () => {
  expect(subjectOf(anEvent({ action: "SESSION_ENDED", subject: "Session:7" }), names)).toBeNull();
});

test("a subject without a page or a patient is shown as an id", () => {
  expect(subjectOf(anEvent({ subject: "Recall:5" }), names)).toEqual({
    text: "Recall:5",
    href: "",
  });
});
