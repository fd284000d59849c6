// Tests of what a printed list says that it is.
import { expect, test } from "vitest";

import { aRecall } from "../../testing/facts";
import { shownBy } from "./filter";
import { printTitle } from "./print-title";

test("a printed list is named by its tab and its filters", () => {
  // given
  const shown = shownBy("calls", "category=Category:1&reason=none&to=2026-11-24", "nair");
  // then
  expect(printTitle(shown, [aRecall()], "2026-11-25")).toBe(
    "Calls · Skin checks · SMS can be sent · due: Overdue · “nair”",
  );
  expect(printTitle(shownBy("", "", ""), [], "2026-11-25")).toBe("To Action");
});
