// Tests of how one recall reads in the list.
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { aRecall, PRIYA, stopped } from "../../testing/facts";
import { markup, text } from "../../testing/shown";
import { RecallRowView } from "./RecallRowView";
import type { RecallRow } from "./use-recall-list";

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse("2026-11-23T00:00:00Z") });
});
afterEach(() => {
  vi.useRealTimers();
});

function row(special: Partial<RecallRow> = {}, { active = false, selected = false } = {}) {
  return (
    <RecallRowView
      recall={aRecall(special)}
      index={4}
      active={active}
      selected={selected}
      top={0}
      measure={() => {}}
      onPress={() => {}}
      onOpen={() => {}}
    />
  );
}

const attempt = (kind: "SMS" | "PHONE", state: "DONE" | "FAILED", createdAt: string) => ({
  id: createdAt,
  kind,
  state,
  createdAt,
});

test("a row tells who, the number, why, the category and when", () => {
  expect(text(row({ dueDate: "2026-11-02" }))).toBe(
    "Priya Nair0491 570 006Skin checkSkin checks3 weeks overdue2 Nov 2026None yet",
  );
});

test("the last thing that was tried is told, and when", () => {
  // given
  const attempts = [
    attempt("SMS", "FAILED", "2026-11-20T00:00:00Z"),
    attempt("PHONE", "DONE", "2026-11-23T00:00:00Z"),
  ];
  // then
  expect(text(row({ attempts }))).toMatch(/Calltoday$/);
});

test("how an SMS went is told", () => {
  // given
  const attempts = [attempt("SMS", "FAILED", "2026-11-20T00:00:00Z")];
  // then
  expect(text(row({ attempts }))).toMatch(/SMS failed3 days ago$/);
});

test("an urgency and no category are told", () => {
  expect(text(row({ urgency: "Urgent", category: null }))).toContain("Skin checkUrgentNo category");
});

test("a number that is none is shown as it was typed", () => {
  // given
  const patient = { ...PRIYA, birthDate: null, mobile: null };
  // then
  expect(text(row({ patient: { ...patient, mobileTyped: "ask son" } }))).toContain("ask son");
  expect(text(row({ patient: { ...patient, mobileTyped: null } }))).toContain("No mobile");
});

test("only what is past its day is marked as overdue", () => {
  expect(markup(row({ dueDate: "2026-11-22" }))).toContain('class="overdue"');
  expect(markup(row({ dueDate: "2026-11-23" }))).not.toContain('class="overdue"');
});

test("only the row that the keyboard is at is reached by Tab", () => {
  expect(markup(row({}, { active: true }))).not.toContain('tabindex="-1"');
  expect(markup(row())).not.toContain('tabindex="0"');
});

test("that it is selected is told, and its place in the whole list", () => {
  // when
  const shown = markup(row({}, { selected: true }));
  // then
  expect(shown).toContain('aria-selected="true"');
  expect(shown).toContain('checked=""');
  expect(shown).toContain('aria-rowindex="6"');
});

const WITHHELD = stopped("PMS_CONSENT_WITHHELD", "Does not wish to be contacted by SMS", true);
const MISSING = stopped("MOBILE_MISSING", "No mobile number");

test.each([
  ["can be sent", undefined, "SMS: Priya Nair"],
  ["is asked about", WITHHELD, "SMS, you’ll be asked: Priya Nair"],
  ["is blocked", MISSING, "SMS blocked: Priya Nair"],
] as const)("the icon of one that %s is called so", (_, smsStatus, name) => {
  expect(markup(row(smsStatus && { smsStatus }))).toContain(`aria-label="${name}"`);
});

test("the icons differ by shape and not by colour alone", () => {
  // when
  const shapes = [{}, { smsStatus: WITHHELD }, { smsStatus: MISSING }].map(
    (special) => /<svg.*<\/svg>/.exec(markup(row(special)))?.[0],
  );
  // then
  expect(new Set(shapes).size).toBe(3);
  expect(shapes).not.toContain(undefined);
});
