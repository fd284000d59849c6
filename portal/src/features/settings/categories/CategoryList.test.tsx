// Tests of how the practice's categories read in their list.
import { expect, test } from "vitest";

import { markup, text } from "../../../testing/shown";
import { CategoryList } from "./CategoryList";

const SKIN = {
  id: "Category:1",
  name: "Skin checks",
  reasons: ["Skin check", "Mole review"],
  urgencies: [],
  smsTemplate: "Hi {firstName}",
  automated: true,
  steps: ["SMS", "LETTER"],
} as const;

test("a category tells what it links, its steps and that it is automated", () => {
  expect(text(<CategoryList categories={[SKIN]} />)).toContain(
    "Skin checks AutomatedReasonsSkin check, Mole reviewUrgenciesnoneStepsSMS → Letter",
  );
});

test("a category that isn't automated says so, and leads to itself", () => {
  // given
  const list = <CategoryList categories={[{ ...SKIN, automated: false }]} />;
  // then
  expect(text(list)).toContain("Not automated");
  expect(markup(list)).toContain('href="/setup/categories/Category:1"');
});

test("that there is none is told, and what follows from it", () => {
  expect(text(<CategoryList categories={[]} />)).toContain(
    "There is no category yet, so every recall stays in To Action.",
  );
});
