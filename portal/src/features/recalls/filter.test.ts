// Tests of which recalls the list shows: between the page's address and what the API takes.
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

test("a path that is no tab shows what is to be actioned", () => {
  expect(shownBy("everything", "", "").tab).toBe("TO_ACTION");
});

test("without a filter nothing is restricted", () => {
  expect(shownBy("all", "", "")).toMatchObject({ filter: {}, filtered: false });
});

test("a category, both days and the words restrict it together", () => {
  expect(shownBy("", "category=Category:1&from=2026-11-01&to=2026-11-30", "nair").filter).toEqual({
    categoryIds: ["Category:1"],
    dueFrom: "2026-11-01",
    dueTo: "2026-11-30",
    search: "nair",
  });
});

test("that something restricts it is told", () => {
  expect(shownBy("", "", "nair").filtered).toBe(true);
  expect(shownBy("", "from=2026-11-01", "").filtered).toBe(true);
});

test("what can be sent is what nothing blocks", () => {
  expect(filterBy("reason=none")).toEqual({ blocked: false });
});

test("what is blocked for any reason is asked for as blocked", () => {
  expect(filterBy("reason=any")).toEqual({ blocked: true });
});

test.each(Object.keys(REASON))("the reason %s is asked for by itself", (reason) => {
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
])("what is no filter restricts nothing: %s", (search) => {
  expect(shownBy("", search, "")).toMatchObject({ filter: {}, filtered: false });
});

test("the same recalls have the same key, whatever else is in the address", () => {
  expect(shownBy("all", "from=2026-11-01&recall=Recall:7", "").key).toBe(
    shownBy("all", "from=2026-11-01", "").key,
  );
});

test("another tab, filter or word has another key", () => {
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
