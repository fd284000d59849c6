// Tests of a category's steps: adding, removing and moving them, and what is told of it.
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
const told = () => screen.getByRole("status").textContent;
const focused = () =>
  document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent;

test("each step says how long the next one, or staff, wait after it", () => {
  // when
  show(<Steps begin={["SMS", "PHONE", "LETTER"]} />);
  // then
  expect(steps()).toEqual([
    "SMS then the next step, 3 days later",
    "Call then the next step, 1 day later",
    "Letter then staff decide, 14 days later",
  ]);
});

test("without steps it is said what becomes of the recalls", () => {
  // when
  show(<Steps begin={[]} />);
  // then
  expect(screen.getByText(/^No steps: its recalls stay in To Action/)).toBeTruthy();
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
  expect(told()).toBe(`${kind} is step 2.`);
});

test("a step is moved up, and its button keeps the focus", () => {
  // given
  show(<Steps begin={["SMS", "PHONE", "LETTER"]} />);
  // when
  press("Move step 3, Letter, up");
  // then
  expect(kinds()).toEqual(["SMS", "Letter", "Call"]);
  expect(told()).toBe("Letter is now step 2 of 3.");
  expect(focused()).toBe("Move step 2, Letter, up");
});

test("a step is moved down, and its button keeps the focus", () => {
  // given
  show(<Steps begin={["SMS", "PHONE"]} />);
  // when
  press("Move step 1, SMS, down");
  // then
  expect(kinds()).toEqual(["Call", "SMS"]);
  expect(focused()).toBe("Move step 2, SMS, down");
});

test("the first step goes no further up, and the last no further down", () => {
  // given
  show(<Steps begin={["SMS", "PHONE"]} />);
  // when
  press("Move step 1, SMS, up");
  press("Move step 2, Call, down");
  // then
  expect(kinds()).toEqual(["SMS", "Call"]);
  expect(told()).toBe("");
});

test("a step is removed, and the focus goes to the one in its place", () => {
  // given
  show(<Steps begin={["SMS", "PHONE", "LETTER"]} />);
  // when
  press("Remove step 2, Call");
  // then
  expect(kinds()).toEqual(["SMS", "Letter"]);
  expect(told()).toBe("Step 2, Call, is removed.");
  expect(focused()).toBe("Remove step 2, Letter");
});

test("when the last of several is removed the focus goes to the one before", () => {
  // given
  show(<Steps begin={["SMS", "PHONE"]} />);
  // when
  press("Remove step 2, Call");
  // then
  expect(focused()).toBe("Remove step 1, SMS");
});

test("when no step is left the focus goes to where one is added", () => {
  // given
  show(<Steps begin={["SMS"]} />);
  // when
  press("Remove step 1, SMS");
  // then
  expect(kinds()).toEqual([]);
  expect(focused()).toBe("Add SMS");
});
