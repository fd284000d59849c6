// Tests of how an event of the audit trail reads.
import { expect, test } from "vitest";

import { anEvent, PRIYA } from "../../../testing/facts";
import { markup, text } from "../../../testing/shown";
import { AuditEntry } from "./AuditEntry";

const names = new Map([["AccessToken:2", "Receptionist"]]);

test("an event tells when, what, who, in which role and from where", () => {
  // given
  const event = anEvent({ at: "2025-03-04T01:05:00Z", actor: "Kim", origin: "192.0.2.7" });
  // then
  expect(text(<AuditEntry event={event} names={names} />)).toBe(
    "4 Mar 2025, 12:05 pmSigned inKim · Receptionist · from 192.0.2.7",
  );
});

test("people of one name are told apart, and all that one of them did is found", () => {
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

test("that nobody was signed in is told", () => {
  // given
  const event = anEvent({ actor: "Host", role: null, origin: null });
  // then
  expect(text(<AuditEntry event={event} names={names} />)).toContain("Host · nobody was signed in");
});

test("an event about a patient leads to all that is about them", () => {
  // given
  const event = anEvent({ action: "PATIENT_VIEWED", patient: PRIYA });
  // then
  expect(text(<AuditEntry event={event} names={names} />)).toContain(
    "Opened a patient: Priya Nair",
  );
  expect(markup(<AuditEntry event={event} names={names} />)).toContain(
    'href="/setup/audit?patient=Patient:1"',
  );
});

test("what it is about comes after what was done", () => {
  // given
  const event = anEvent({ action: "TOKEN_CREATED", subject: "AccessToken:2" });
  // then
  expect(text(<AuditEntry event={event} names={names} />)).toContain(
    "Created a token: Receptionist",
  );
  expect(markup(<AuditEntry event={event} names={names} />)).toContain('href="/setup/tokens"');
});

test("what it is about comes after the patient", () => {
  // given
  const event = anEvent({ action: "BLOCK_CHANGED", subject: "+61491570006", patient: PRIYA });
  // then
  expect(text(<AuditEntry event={event} names={names} />)).toContain("Priya Nair, 0491 570 006");
});

test("its details are listed", () => {
  // given
  const details = '{"blockedRecalls": true, "note": "Asked for a call"}';
  const event = anEvent({ action: "BLOCK_CHANGED", details });
  // then
  expect(text(<AuditEntry event={event} names={names} />)).toContain(
    "Blocked Recalls: yesNote: Asked for a call",
  );
});
