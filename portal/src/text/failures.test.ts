// Tests of the words for the SMS service's error codes.
import { expect, test } from "vitest";

import { failureText } from "./failures";

test("a known code reads as what happened, with the code for whoever asks", () => {
  expect(failureText("30003")).toBe("Phone was off or out of range (30003)");
});

test("an unknown code is told as it is", () => {
  expect(failureText("99999")).toBe("Failed (code 99999)");
});
