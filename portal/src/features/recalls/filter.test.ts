// Tests of turning the page's address into the API's filter.
import { expect, test } from "vitest";

import { REASON } from "../../text/words";
import { shownBy } from "./filter";

const filterBy = (search: string) => shownBy("", search, "").filter;

test.each([
  ["", "TO_ACTION"],
  ["calls", "CALLS"],
  ["letters", "LETTERS"],
  ["all", "ALL"],
])("the path '%s' shows the tab %s", (path, tab) => {
  expect(shownBy(path, "", "").tab).toBe(tab);
});

test("an unknown path shows the tab To Action", () => {
  expect(shownBy("everything", "", "").tab).toBe("TO_ACTION");
});

test("an address without a filter restricts nothing", () => {
  expect(shownBy("all", "", "")).toMatchObject({ filter: {}, filtered: false });
});

test("a category, both dates and the search words combine", () => {
  expect(shownBy("", "category=Category:1&from=2026-11-01&to=2026-11-30", "nair").filter).toEqual({
    categoryIds: ["Category:1"],
    dueFrom: "2026-11-01",
    dueTo: "2026-11-30",
    search: "nair",
  });
});

test("any restriction counts as filtered", () => {
  expect(shownBy("", "", "nair").filtered).toBe(true);
  expect(shownBy("", "from=2026-11-01", "").filtered).toBe(true);
});

test("recalls that can be sent are those not blocked", () => {
  expect(filterBy("reason=none")).toEqual({ blocked: false });
});

test("recalls blocked for any reason are requested as blocked", () => {
  expect(filterBy("reason=any")).toEqual({ blocked: true });
});

test.each(Object.keys(REASON))("the reason %s is requested by itself", (reason) => {
  expect(filterBy(`reason=${reason}`)).toEqual({ reasons: [reason] });
});

test.each([
  "reason=MADE_UP",
  "from=yesterday",
  "from=2026-13-01",
  "to=2026-1-1",
  "to=2026-11-01T00:00",
  "category=",
  "recall=Recall:7",
])("an invalid filter restricts nothing: %s", (search) => {
  expect(shownBy("", search, "")).toMatchObject({ filter: {}, filtered: false });
});

test("the key depends only on the tab and filter, not on the rest of the address", () => {
  expect(shownBy("all", "from=2026-11-01&recall=Recall:7", "").key).toBe(
    shownBy("all", "from=2026-11-01", "").key,
  );
});

test("another tab, filter or search has another key", () => {
  // given
  const keys = [
    shownBy("all", "", ""),
    shownBy("", "", ""),
    shownBy("all", "reason=any", ""),
    shownBy("all", "", "nair"),
  ].map(({ key }) => key);
  // then
  expect(new Set(keys).size).toBe(4);
});
