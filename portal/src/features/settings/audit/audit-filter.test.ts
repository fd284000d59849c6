// Tests of turning the audit trail's filter into the API's.
import { expect, test } from "vitest";

import { SYDNEY } from "../../../testing/facts";
import { asFilter, EVERYTHING, isBackwards } from "./audit-filter";

const ANY = { patientId: "", actorId: "" };

test("an empty filter restricts nothing", () => {
  expect(asFilter(EVERYTHING, ANY, SYDNEY)).toEqual({});
});

test("a name is trimmed", () => {
  expect(asFilter({ ...EVERYTHING, actor: " Kim " }, ANY, SYDNEY)).toEqual({ actor: "Kim" });
});

test("a blank name restricts nothing", () => {
  expect(asFilter({ ...EVERYTHING, actor: "  " }, ANY, SYDNEY)).toEqual({});
});

test("actions are passed on as they were chosen", () => {
  // given
  const actions = ["SIGNED_IN", "BLOCK_CHANGED"] as const;
  // then
  expect(asFilter({ ...EVERYTHING, actions }, ANY, SYDNEY)).toEqual({ actions });
});

test.each([{ patientId: "Patient:7" }, { actorId: "AccessToken:7" }])(
  "the address's restriction is passed on",
  (address) => {
    expect(asFilter(EVERYTHING, { ...ANY, ...address }, SYDNEY)).toEqual(address);
  },
);

test("the first and the last day are whole days in the practice's time zone", () => {
  // given: the clocks went forward on that day
  const day = { ...EVERYTHING, from: "2026-10-04", to: "2026-10-04" };
  // then
  expect(asFilter(day, ANY, SYDNEY)).toEqual({
    since: "2026-10-03T14:00:00.000Z",
    until: "2026-10-04T13:00:00.000Z",
  });
});

test("a range whose last day is before the first is backwards", () => {
  expect(isBackwards({ ...EVERYTHING, from: "2026-10-04", to: "2026-10-03" })).toBe(true);
});

test.each([
  ["2026-10-04", "2026-10-04"],
  ["2026-10-04", "2026-10-05"],
  ["2026-10-04", ""],
  ["", "2026-10-04"],
  ["", ""],
])("from '%s' to '%s' is not backwards", (from, to) => {
  expect(isBackwards({ ...EVERYTHING, from, to })).toBe(false);
});
