// Tests of the list's grid: a key costs the same, however long the list.
import { fireEvent, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import { aRecall } from "../../testing/facts";
import { show } from "../../testing/screen";
import { RecallTable } from "./RecallTable";
import type { RecallList, RecallRow } from "./use-recall-list";
import type { Selection } from "./use-selection";

const ROWS = Array.from({ length: 100 }, (_, each) => aRecall({ id: `Recall:${each}` }));
const selection = { recalls: new Map(), toggle: vi.fn() } as unknown as Selection;
const actions = { open: vi.fn(), act: vi.fn(), selectAll: vi.fn(), contact: vi.fn() };

test("moving to the next row looks at the rows in view, not at all those to come", () => {
  // given: a long list, whose beginning is loaded
  let looked = 0;
  const rows = new Proxy<readonly RecallRow[]>(ROWS, {
    get(all, index, self) {
      if (Number(index) >= ROWS.length) looked += 1;
      return Reflect.get(all, index, self) as unknown;
    },
  });
  const list = { rows, complete: false, changing: false, error: "" } as unknown as RecallList;
  Object.assign(list, { look: () => {} });
  show(<RecallTable list={list} total={100_000} selection={selection} actions={actions} />);
  looked = 0;
  // when
  fireEvent.keyDown(screen.getByRole("grid"), { key: "ArrowDown" });
  // then
  expect(looked).toBeLessThan(100);
});
