// Tests of using the list by keyboard: where each key leads, and what it does.
import { act, fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";

import { aRecall } from "../../testing/facts";
import { show } from "../../testing/screen";
import { useGridKeys } from "./use-grid-keys";
import type { RecallRow } from "./use-recall-list";
import type { Selection } from "./use-selection";

const ROWS = Array.from({ length: 30 }, (_, each) => aRecall({ id: `Recall:${each}` }));

const selection = {
  toggle: vi.fn<(recall: { id: string }) => void>(),
  add: vi.fn<(recalls: readonly { id: string }[]) => void>(),
  clear: vi.fn<() => void>(),
};
const actions = {
  open: vi.fn<(recall: RecallRow) => void>(),
  act: vi.fn<(key: string, at: RecallRow) => void>(),
  selectAll: vi.fn<() => void>(),
};

/** A list of rows, each with a button like the real ones. */
function Rows({ rows }: { rows: readonly RecallRow[] }) {
  const { ref, active, press, ...grid } = useGridKeys(
    rows,
    selection as unknown as Selection,
    () => {},
    actions,
  );
  return (
    <div
      role="grid"
      ref={ref}
      onKeyDown={grid.onKeyDown}
      onFocus={grid.onFocus}
      onBlur={grid.onBlur}
    >
      {rows.map((row, index) => (
        <div role="row" key={row.id} data-index={index} tabIndex={active === index ? 0 : -1}>
          <button type="button" onClick={(event) => press(index, event.shiftKey)}>
            {row.id}
          </button>
        </div>
      ))}
    </div>
  );
}

let rerender: (rows: readonly RecallRow[]) => void;
beforeEach(() => {
  const shown = show(<Rows rows={ROWS} />);
  rerender = (rows) => shown.rerender(<Rows rows={rows} />);
});

const at = () => screen.getAllByRole("row").findIndex((row) => row.tabIndex === 0);
const goTo = (index: number) => act(() => screen.getAllByRole("row")[index]?.focus());
const press = (key: string, held: object = {}) =>
  fireEvent.keyDown(document.activeElement ?? document.body, { key, ...held });
const added = () => selection.add.mock.lastCall?.[0].map(({ id }) => id);
const toggled = () => selection.toggle.mock.calls.map(([{ id }]) => id);

test("the keyboard starts at the first row", () => {
  expect(at()).toBe(0);
});

test.each([
  ["ArrowDown", 13],
  ["j", 13],
  ["ArrowUp", 11],
  ["k", 11],
  ["PageDown", 22],
  ["PageUp", 2],
  ["Home", 0],
  ["End", 29],
])("%s moves from row 12 to row %d", (key, to) => {
  // given
  goTo(12);
  // when
  const goesOn = press(key);
  // then
  expect(at()).toBe(to);
  expect(document.activeElement).toBe(screen.getAllByRole("row")[to]);
  expect(goesOn).toBe(false);
});

test.each([
  [1, "PageUp", 0],
  [0, "ArrowUp", 0],
  [25, "PageDown", 29],
  [29, "j", 29],
])("from row %d, %s stops at the end of the list", (from, key, to) => {
  // given
  goTo(from);
  // when
  press(key);
  // then
  expect(at()).toBe(to);
});

test.each([" ", "x"])("'%s' toggles the selection of the current row", (key) => {
  // given
  goTo(3);
  // when
  press(key);
  // then
  expect(toggled()).toEqual(["Recall:3"]);
});

test("Shift and an arrow select from the starting row to the current one", () => {
  // given
  goTo(3);
  // when
  press("ArrowDown", { shiftKey: true });
  press("ArrowDown", { shiftKey: true });
  // then
  expect(added()).toEqual(["Recall:3", "Recall:4", "Recall:5"]);
});

test("a range can go upwards", () => {
  // given
  goTo(3);
  // when
  press("ArrowUp", { shiftKey: true });
  // then
  expect(added()).toEqual(["Recall:2", "Recall:3"]);
});

test.each([" ", "X"])(
  "Shift and '%s' select from the last selected row to the current one",
  (key) => {
    // given
    goTo(3);
    press("x");
    goTo(6);
    // when
    press(key, { shiftKey: true });
    // then
    expect(added()).toEqual(["Recall:3", "Recall:4", "Recall:5", "Recall:6"]);
  },
);

test("moving without Shift starts a new range", () => {
  // given
  goTo(3);
  press("x");
  press("ArrowDown");
  press("ArrowDown");
  // when
  press("ArrowDown", { shiftKey: true });
  // then
  expect(added()).toEqual(["Recall:5", "Recall:6"]);
});

test("a click selects a row, and a Shift-click from the last one to this", () => {
  // given
  fireEvent.click(screen.getByText("Recall:7"));
  // when
  fireEvent.click(screen.getByText("Recall:4"), { shiftKey: true });
  // then
  expect(toggled()).toEqual(["Recall:7"]);
  expect(added()).toEqual(["Recall:4", "Recall:5", "Recall:6", "Recall:7"]);
  expect(at()).toBe(4);
});

test("a range from a row that is gone is only the current row", () => {
  // given
  goTo(3);
  press("x");
  rerender(ROWS.filter(({ id }) => id !== "Recall:3"));
  goTo(5);
  // when
  press(" ", { shiftKey: true });
  // then
  expect(added()).toEqual(["Recall:6"]);
});

test.each([{ ctrlKey: true }, { metaKey: true }])("%o and A select all that match", (held) => {
  // given
  goTo(3);
  // when
  press("a", held);
  // then
  expect(actions.selectAll).toHaveBeenCalledOnce();
});

test.each(["Enter", "o"])("%s opens the current recall", (key) => {
  // given
  goTo(3);
  // when
  press(key);
  // then
  expect(actions.open).toHaveBeenCalledWith(ROWS[3]);
});

test.each(["s", "c", "l", "n"])("%s acts with the current row", (key) => {
  // given
  goTo(3);
  // when
  press(key);
  // then
  expect(actions.act).toHaveBeenCalledWith(key, ROWS[3]);
});

test("Escape clears the selection", () => {
  // given
  goTo(3);
  // when
  press("Escape");
  // then
  expect(selection.clear).toHaveBeenCalledOnce();
});

test.each(["Enter", " "])("on a button, '%s' is left to the button", (key) => {
  // given
  act(() => screen.getByText("Recall:3").focus());
  // when
  press(key);
  // then
  expect(actions.open).not.toHaveBeenCalled();
  expect(selection.toggle).not.toHaveBeenCalled();
});

test.each([{ ctrlKey: true }, { metaKey: true }, { altKey: true }])(
  "letters with %o are left to the browser",
  (held) => {
    // given
    goTo(3);
    // when
    press("c", held);
    press("s", held);
    // then
    expect(actions.act).not.toHaveBeenCalled();
  },
);

test("any other key does nothing", () => {
  // given
  goTo(3);
  // when
  press("q");
  // then
  expect(at()).toBe(3);
  expect(actions.act).not.toHaveBeenCalled();
});

test("the keyboard stays at its row when rows are added before it", () => {
  // given
  goTo(3);
  // when
  rerender([aRecall({ id: "Recall:new" }), ...ROWS]);
  // then
  expect(at()).toBe(4);
});

test("when its row is gone, the keyboard is at the row that took its place", () => {
  // given
  goTo(3);
  // when
  rerender(ROWS.filter(({ id }) => id !== "Recall:3"));
  // then
  expect(at()).toBe(3);
});

test("when the last row is gone, the keyboard is at the new last one", () => {
  // given
  goTo(29);
  // when
  rerender(ROWS.slice(0, 5));
  // then
  expect(at()).toBe(4);
});
