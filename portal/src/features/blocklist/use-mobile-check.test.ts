// Tests of whether more typing may complete a number.
import { expect, test } from "vitest";

import "../../testing/screen";
import { isUnfinished } from "./use-mobile-check";

test.each(["0", "0491 5", "(0491) 570-00", "+61 491 570 00", "+", "", "  0491"])(
  "'%s' is unfinished",
  (typed) => {
    expect(isUnfinished(typed)).toBe(true);
  },
);

test.each(["0491570006", "(0491) 570-006", "0491 570 006 1", "+61 491 570 006"])(
  "'%s' is complete",
  (typed) => {
    expect(isUnfinished(typed)).toBe(false);
  },
);

test.each(["call Ann", "0491 a", "0491/570"])("'%s' can't become a number", (typed) => {
  expect(isUnfinished(typed)).toBe(false);
});
