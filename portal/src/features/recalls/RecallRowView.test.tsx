// Tests of one row of the recall list.
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
      onPress={() => {}}
      onOpen={() => {}}
      onAct={() => {}}
    />
  );
}

const attempt = (kind: "SMS" | "PHONE", state: "DONE" | "FAILED", createdAt: string) => ({
  id: createdAt,
  kind,
  state,
  cancellation: null,
  failure: null,
  lookedUp: false,
  createdAt,
});

test("a row shows patient, number, reason, category and due date", () => {
  expect(text(row({ dueDate: "2026-11-02" }))).toBe(
    "Priya NairSkin checkSkin checks0491 570 006SMS can be sent3 weeks overdue2 Nov 2026Not contacted yet",
  );
});

test("a row shows the last attempt, and when it was", () => {
  // given
  const attempts = [
    attempt("SMS", "FAILED", "2026-11-20T00:00:00Z"),
    attempt("PHONE", "DONE", "2026-11-23T00:00:00Z"),
  ];
  // then
  expect(text(row({ attempts }))).toMatch(/Calledtoday$/);
});

test("a row shows how an SMS went", () => {
  // given
  const attempts = [attempt("SMS", "FAILED", "2026-11-20T00:00:00Z")];
  // then
  expect(text(row({ attempts }))).toMatch(/SMS failed3 days ago$/);
});

test("a row shows an urgency, and that there is no category", () => {
  expect(text(row({ urgency: "Urgent", category: null }))).toContain("Skin checkUrgentNo category");
});

test("a row shows the date of birth and the age", () => {
  // given
  const patient = { ...PRIYA, birthDate: "1980-11-24", mobile: null, mobileTyped: null };
  // then
  expect(text(row({ patient }))).toContain("24 Nov 1980 · 45");
});

test.each([
  ["Urgent", true],
  ["Very urgent", true],
  ["Routine", false],
  ["Non-urgent", false],
])("of the urgencies, '%s' stands out: %s", (urgency, standsOut) => {
  expect(markup(row({ urgency })).includes("tag-urgent")).toBe(standsOut);
});

test.each([
  ["WAITING", "Waiting", 4],
  ["COMPLETED", "Completed", 1],
  ["NO_FURTHER_ACTION", "No further action", 1],
] as const)(
  "a recall that is %s says so, and is neither urgent nor overdue",
  (state, words, icons) => {
    // when
    const shown = row({ state, urgency: "Urgent", dueDate: "2020-01-01" });
    // then
    expect(text(shown)).toContain(`${words}Due 1 Jan 2020`);
    expect(markup(shown)).not.toMatch(/tag-urgent|overdue/);
    expect(markup(shown).match(/class="plain icon/g)?.length).toBe(icons);
  },
);

test.each(["PATIENT_DECEASED", "PATIENT_INACTIVE"] as const)(
  "%s: there are no buttons to call or write",
  (reason) => {
    expect(markup(row({ smsStatus: stopped(reason, "don't") }))).not.toContain("Record");
  },
);

test("an unusable number is shown as typed", () => {
  // given
  const patient = { ...PRIYA, birthDate: null, mobile: null };
  // then
  expect(text(row({ patient: { ...patient, mobileTyped: "ask son" } }))).toContain("ask son");
  expect(text(row({ patient: { ...patient, mobileTyped: null } }))).toContain("–");
});

test("only a recall past its due date is marked as overdue", () => {
  expect(markup(row({ dueDate: "2026-11-22" }))).toContain('class="overdue"');
  expect(markup(row({ dueDate: "2026-11-23" }))).not.toContain('class="overdue"');
});

test("Tab reaches only the row that the keyboard is at", () => {
  expect(markup(row({}, { active: true }))).not.toContain('tabindex="-1"');
  expect(markup(row())).not.toContain('tabindex="0"');
});

test("a row exposes that it is selected, and its place in the whole list", () => {
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
] as const)("the icon of a recall that %s is named accordingly", (_, smsStatus, name) => {
  expect(markup(row(smsStatus && { smsStatus }))).toContain(`aria-label="${name}"`);
});

test("the icons differ in shape, not just in colour", () => {
  // when
  const shapes = [{}, { smsStatus: WITHHELD }, { smsStatus: MISSING }].map(
    (special) => /<svg.*<\/svg>/.exec(markup(row(special)))?.[0],
  );
  // then
  expect(new Set(shapes).size).toBe(3);
  expect(shapes).not.toContain(undefined);
});
