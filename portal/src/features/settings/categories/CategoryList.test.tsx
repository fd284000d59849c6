// Tests of the list of categories.
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

test("a category shows its links, its steps and that it is automated", () => {
  expect(text(<CategoryList categories={[SKIN]} />)).toContain(
    "Skin checks AutomatedReasonsSkin check, Mole reviewUrgenciesnoneStepsSMS → Letter",
  );
});

test("a category that isn't automated says so, and links to its editor", () => {
  // given
  const list = <CategoryList categories={[{ ...SKIN, automated: false }]} />;
  // then
  expect(text(list)).toContain("Not automated");
  expect(markup(list)).toContain('href="/setup/categories/Category:1"');
});

test("an empty list says so, and what that means", () => {
  expect(text(<CategoryList categories={[]} />)).toContain(
    "No categories yet, so every recall stays in To Action.",
  );
});
