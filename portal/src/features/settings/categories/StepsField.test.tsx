// Tests of a category's steps: adding, removing and moving them, and the announcements.
import { fireEvent, screen } from "@testing-library/react";
import { useState } from "react";
import { expect, test } from "vitest";

import type { ContactKind } from "../../../gql/graphql";
import { show } from "../../../testing/screen";
import { StepsField, type Waits } from "./StepsField";

const WAITS = { smsRepeatDays: 3, phoneRepeatDays: 1, letterRepeatDays: 14 } as Waits;

function Steps({ begin }: { begin: readonly ContactKind[] }) {
  const [steps, setSteps] = useState(begin);
  return <StepsField steps={steps} waits={WAITS} error={undefined} onChange={setSteps} />;
}

const steps = () =>
  screen.queryAllByRole("listitem").map((item) => item.querySelector(".step > span")?.textContent);
const kinds = () =>
  screen.queryAllByRole("listitem").map((item) => item.querySelector("strong")?.textContent);
const press = (name: string) => fireEvent.click(screen.getByRole("button", { name }));
const status = () => screen.getByRole("status").textContent;
const focused = () =>
  document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent;

test("each step says what follows it, and after how many days", () => {
  // when
  show(<Steps begin={["SMS", "PHONE", "LETTER"]} />);
  // then
  expect(steps()).toEqual([
    "SMS wait 3 days, then next step",
    "Call wait 1 day, then next step",
    "Letter wait 14 days, then back to To Action",
  ]);
});

test("without steps, the field says what happens to the recalls", () => {
  // when
  show(<Steps begin={[]} />);
  // then
  expect(screen.getByText(/^No steps, so its recalls stay in To Action/)).toBeTruthy();
});

test.each([
  ["Add SMS", "SMS"],
  ["Add call", "Call"],
  ["Add letter", "Letter"],
])("%s adds a step at the end", (button, kind) => {
  // given
  show(<Steps begin={["SMS"]} />);
  // when
  press(button);
  // then
  expect(kinds()).toEqual(["SMS", kind]);
  expect(status()).toBe(`Added step 2, ${kind}.`);
});

test("moving a step up keeps the focus on its button", () => {
  // given
  show(<Steps begin={["SMS", "PHONE", "LETTER"]} />);
  // when
  press("Move step 3, Letter, up");
  // then
  expect(kinds()).toEqual(["SMS", "Letter", "Call"]);
  expect(status()).toBe("Letter is now step 2 of 3.");
  expect(focused()).toBe("Move step 2, Letter, up");
});

test("moving a step down keeps the focus on its button", () => {
  // given
  show(<Steps begin={["SMS", "PHONE"]} />);
  // when
  press("Move step 1, SMS, down");
  // then
  expect(kinds()).toEqual(["Call", "SMS"]);
  expect(focused()).toBe("Move step 2, SMS, down");
});

test("the first step can't move up, and the last can't move down", () => {
  // given
  show(<Steps begin={["SMS", "PHONE"]} />);
  // when
  press("Move step 1, SMS, up");
  press("Move step 2, Call, down");
  // then
  expect(kinds()).toEqual(["SMS", "Call"]);
  expect(status()).toBe("");
});

test("removing a step focuses the one that takes its place", () => {
  // given
  show(<Steps begin={["SMS", "PHONE", "LETTER"]} />);
  // when
  press("Remove step 2, Call");
  // then
  expect(kinds()).toEqual(["SMS", "Letter"]);
  expect(status()).toBe("Removed step 2, Call.");
  expect(focused()).toBe("Remove step 2, Letter");
});

test("removing the last of several steps focuses the one before", () => {
  // given
  show(<Steps begin={["SMS", "PHONE"]} />);
  // when
  press("Remove step 2, Call");
  // then
  expect(focused()).toBe("Remove step 1, SMS");
});

test("removing the only step focuses the first button that adds one", () => {
  // given
  show(<Steps begin={["SMS"]} />);
  // when
  press("Remove step 1, SMS");
  // then
  expect(kinds()).toEqual([]);
  expect(focused()).toBe("Add SMS");
});
