// Tests of whether what is typed may become a number by typing on.
import { expect, test } from "vitest";

import "../../testing/screen";
import { isUnfinished } from "./use-mobile-check";

test.each(["0", "0491 5", "(0491) 570-00", "+61 491 570 00", "+", "", "  0491"])(
  "'%s' may become a number",
  (typed) => {
    expect(isUnfinished(typed)).toBe(true);
  },
);

test.each(["0491570006", "(0491) 570-006", "0491 570 006 1", "+61 491 570 006"])(
  "'%s' is a whole one",
  (typed) => {
    expect(isUnfinished(typed)).toBe(false);
  },
);

test.each(["call Ann", "0491 a", "0491/570"])("'%s' can be none", (typed) => {
  expect(isUnfinished(typed)).toBe(false);
});
