// Tests of the filter by due date.
import { expect, test } from "vitest";

import { dueName, duePresets } from "./due";

test("the presets are seen from the day, with weeks from Monday to Sunday", () => {
  // when: on a Wednesday
  const presets = Object.fromEntries(duePresets("2026-11-25"));
  // then
  expect(presets).toEqual({
    Overdue: { from: "", to: "2026-11-24" },
    "This week": { from: "2026-11-23", to: "2026-11-29" },
    "Next 4 weeks": { from: "2026-11-25", to: "2026-12-23" },
  });
});

test.each([
  [{ from: "", to: "2026-11-24" }, "Overdue"],
  [{ from: "2026-11-01", to: "2026-11-30" }, "1 Nov 2026 – 30 Nov 2026"],
  [{ from: "2026-11-01", to: "" }, "from 1 Nov 2026"],
  [{ from: "", to: "2026-11-30" }, "to 30 Nov 2026"],
  [{ from: "", to: "" }, ""],
])("%o is called '%s'", (due, name) => {
  expect(dueName(due, "2026-11-25")).toBe(name);
});
