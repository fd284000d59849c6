// Tests of one event of the audit trail.
import { expect, test } from "vitest";

import { anEvent, PRIYA } from "../../../testing/facts";
import { markup, text } from "../../../testing/shown";
import { AuditEntry } from "./AuditEntry";

const names = new Map([["AccessToken:2", "Receptionist"]]);

test("an event shows when, what, who, in which role and from where", () => {
  // given
  const event = anEvent({ at: "2025-03-04T01:05:00Z", actor: "Kim", origin: "192.0.2.7" });
  // then
  expect(text(<AuditEntry event={event} names={names} />)).toBe(
    "4 Mar 2025, 12:05 pmSigned inKim · Receptionist · from 192.0.2.7",
  );
});

test("people with the same name can be told apart, and each links to what they did", () => {
  // given
  const events = ["AccessToken:7", "Person:3"].map((actorId) => anEvent({ actor: "Kim", actorId }));
  // then
  expect(events.map((event) => text(<AuditEntry event={event} names={names} />))).toEqual([
    expect.stringContaining("Kim · token 7 · Receptionist"),
    expect.stringContaining("Kim · person 3 · Receptionist"),
  ]);
  expect(markup(<AuditEntry event={events[0]!} names={names} />)).toContain(
    'href="/setup/audit?who=AccessToken:7"',
  );
});

test("an event without a role says that not signed in", () => {
  // given
  const event = anEvent({ actor: "Host", role: null, origin: null });
  // then
  expect(text(<AuditEntry event={event} names={names} />)).toContain("Host · not signed in");
});

test("an event about a patient links to all of that patient's events", () => {
  // given
  const event = anEvent({ action: "PATIENT_VIEWED", patient: PRIYA });
  // then
  expect(text(<AuditEntry event={event} names={names} />)).toContain(
    "Viewed a patient: Priya Nair",
  );
  expect(markup(<AuditEntry event={event} names={names} />)).toContain(
    'href="/setup/audit?patient=Patient:1"',
  );
});

test("the subject comes after the action", () => {
  // given
  const event = anEvent({ action: "TOKEN_CREATED", subject: "AccessToken:2" });
  // then
  expect(text(<AuditEntry event={event} names={names} />)).toContain(
    "Created an access token: Receptionist",
  );
  expect(markup(<AuditEntry event={event} names={names} />)).toContain('href="/setup/tokens"');
});

test("the subject comes after the patient", () => {
  // given
  const event = anEvent({ action: "BLOCK_CHANGED", subject: "+61491570006", patient: PRIYA });
  // then
  expect(text(<AuditEntry event={event} names={names} />)).toContain("Priya Nair, 0491 570 006");
});

test("an event's details are listed", () => {
  // given
  const details = '{"blockedRecalls": true, "note": "Asked for a call"}';
  const event = anEvent({ action: "BLOCK_CHANGED", details });
  // then
  expect(text(<AuditEntry event={event} names={names} />)).toContain(
    "Blocked Recalls: yesNote: Asked for a call",
  );
});
