// Tests of the list of reasons, or urgencies, that a category links.
import { fireEvent, screen, within } from "@testing-library/react";
import { useState } from "react";
import { expect, test } from "vitest";

import { show } from "../../../testing/screen";
import { LinksField } from "./LinksField";

/** The reasons, beginning with these. */
function Reasons({ begin }: { begin: readonly string[] }) {
  const [values, setValues] = useState(begin);
  return (
    <LinksField
      label="Reasons"
      noun="reason"
      hint=""
      error={undefined}
      values={values}
      onChange={setValues}
    />
  );
}

const field = () => screen.getByLabelText("Reasons");
const linked = () =>
  within(screen.getByRole("list"))
    .getAllByRole("listitem")
    .map(
      (item) =>
        item.querySelector("span")?.textContent ?? `removed ${item.firstChild?.textContent}`,
    );
const told = () => screen.getByRole("status").textContent;
const type = (text: string) => fireEvent.change(field(), { target: { value: text } });
const paste = (text: string) =>
  fireEvent.paste(field(), { clipboardData: { getData: () => text } });

test("Enter adds what was typed, without the blanks around it", () => {
  // given
  show(<Reasons begin={["Skin check"]} />);
  type(" Mole review ");
  // when
  fireEvent.keyDown(field(), { key: "Enter" });
  // then
  expect(linked()).toEqual(["Skin check", "Mole review"]);
  expect(told()).toBe("Added: Mole review.");
  expect(field()).toHaveProperty("value", "");
});

test("Enter that ends a word of another script adds nothing", () => {
  // given
  show(<Reasons begin={["Skin check"]} />);
  type("Mole");
  // when
  fireEvent.keyDown(field(), { key: "Enter", isComposing: true });
  // then
  expect(linked()).toEqual(["Skin check"]);
});

test("the button adds what was typed", () => {
  // given
  show(<Reasons begin={[]} />);
  type("Mole review");
  // when
  fireEvent.click(screen.getByRole("button", { name: "Add reason" }));
  // then
  expect(linked()).toEqual(["Mole review"]);
});

test("what was typed isn't lost where one goes on without adding it", () => {
  // given
  show(<Reasons begin={[]} />);
  type("Mole review");
  // when
  fireEvent.blur(field());
  // then
  expect(linked()).toEqual(["Mole review"]);
});

test("nothing typed adds nothing", () => {
  // given
  show(<Reasons begin={["Skin check"]} />);
  type("  ");
  // when
  fireEvent.keyDown(field(), { key: "Enter" });
  // then
  expect(linked()).toEqual(["Skin check"]);
  expect(told()).toBe("");
});

test("several lines that are pasted are several reasons, and those known already are none", () => {
  // given
  show(<Reasons begin={["Skin check"]} />);
  // when
  const goesOn = paste("Mole review\r\n\n  Melanoma\nskin CHECK\nmole review\n");
  // then
  expect(goesOn).toBe(false);
  expect(linked()).toEqual(["Skin check", "Mole review", "Melanoma"]);
  expect(told()).toBe("Added: Mole review, Melanoma. 2 are in the list already.");
});

test("one line that is pasted is typed, as anywhere else", () => {
  // given
  show(<Reasons begin={["Skin check"]} />);
  // when
  const goesOn = paste("Melanoma\n");
  // then
  expect(goesOn).toBe(true);
  expect(linked()).toEqual(["Skin check"]);
});

test("one that is in the list already is told", () => {
  // given
  show(<Reasons begin={["Skin check"]} />);
  type("SKIN CHECK");
  // when
  fireEvent.keyDown(field(), { key: "Enter" });
  // then
  expect(told()).toBe("One is in the list already.");
});

test("what is removed is struck out, and can be put back", () => {
  // given
  show(<Reasons begin={["Skin check", "Melanoma"]} />);
  // when
  fireEvent.click(screen.getByRole("button", { name: "Remove Skin check" }));
  // then
  expect(linked()).toEqual(["Melanoma", "removed Skin check"]);
  expect(told()).toBe("Removed: Skin check.");
  // when
  fireEvent.click(screen.getByRole("button", { name: "Put back Skin check" }));
  // then
  expect(linked()).toEqual(["Melanoma", "Skin check"]);
});

test("what was removed and typed again is struck out no longer", () => {
  // given
  show(<Reasons begin={["Skin check"]} />);
  fireEvent.click(screen.getByRole("button", { name: "Remove Skin check" }));
  type("skin check");
  // when
  fireEvent.keyDown(field(), { key: "Enter" });
  // then
  expect(linked()).toEqual(["skin check"]);
});
