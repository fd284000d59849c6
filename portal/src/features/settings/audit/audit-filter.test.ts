// Tests of which events of the audit trail are asked for.
import { expect, test } from "vitest";

import { SYDNEY } from "../../../testing/facts";
import { asFilter, EVERYTHING, isBackwards } from "./audit-filter";

const ANY = { patientId: "", actorId: "" };

test("where nothing is chosen nothing is restricted", () => {
  expect(asFilter(EVERYTHING, ANY, SYDNEY)).toEqual({});
});

test("a name is asked for without the blanks around it", () => {
  expect(asFilter({ ...EVERYTHING, actor: " Kim " }, ANY, SYDNEY)).toEqual({ actor: "Kim" });
});

test("blanks are no name", () => {
  expect(asFilter({ ...EVERYTHING, actor: "  " }, ANY, SYDNEY)).toEqual({});
});

test("what was done is asked for as it was chosen", () => {
  // given
  const actions = ["SIGNED_IN", "BLOCK_CHANGED"] as const;
  // then
  expect(asFilter({ ...EVERYTHING, actions }, ANY, SYDNEY)).toEqual({ actions });
});

test.each([{ patientId: "Patient:7" }, { actorId: "AccessToken:7" }])(
  "what the address says is asked for",
  (address) => {
    expect(asFilter(EVERYTHING, { ...ANY, ...address }, SYDNEY)).toEqual(address);
  },
);

test("the first and the last day are the practice's, both of them whole", () => {
  // given: the clocks went forward on that day
  const day = { ...EVERYTHING, from: "2026-10-04", to: "2026-10-04" };
  // then
  expect(asFilter(day, ANY, SYDNEY)).toEqual({
    since: "2026-10-03T14:00:00.000Z",
    until: "2026-10-04T13:00:00.000Z",
  });
});

test("a last day before the first is backwards", () => {
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
