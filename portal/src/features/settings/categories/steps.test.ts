// Tests of how a category's steps read.
import { expect, test } from "vitest";

import { stepsText } from "./steps";

test("steps are told in their order", () => {
  expect(stepsText(["SMS", "PHONE", "LETTER"])).toBe("SMS → Call → Letter");
});

test("that there are none is told", () => {
  expect(stepsText([])).toBe("none");
});
