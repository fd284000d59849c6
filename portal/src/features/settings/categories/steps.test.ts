// Tests of a category's steps in words.
import { expect, test } from "vitest";

import { stepsText } from "./steps";

test("steps are in order", () => {
  expect(stepsText(["SMS", "PHONE", "LETTER"])).toBe("SMS → Call → Letter");
});

test("no steps read as none", () => {
  expect(stepsText([])).toBe("none");
});
