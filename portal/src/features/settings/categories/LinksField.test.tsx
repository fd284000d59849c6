// Tests of the field for the reasons or urgencies that a category links.
import { fireEvent, screen, within } from "@testing-library/react";
import { useState } from "react";
import { expect, test } from "vitest";

import { show } from "../../../testing/screen";
import { LinksField } from "./LinksField";

/** The field for reasons, starting with these. */
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
const status = () => screen.getByRole("status").textContent;
const type = (text: string) => fireEvent.change(field(), { target: { value: text } });
const paste = (text: string) =>
  fireEvent.paste(field(), { clipboardData: { getData: () => text } });

test("Enter adds the typed text, trimmed", () => {
  // given
  show(<Reasons begin={["Skin check"]} />);
  type(" Mole review ");
  // when
  fireEvent.keyDown(field(), { key: "Enter" });
  // then
  expect(linked()).toEqual(["Skin check", "Mole review"]);
  expect(status()).toBe("Added: Mole review.");
  expect(field()).toHaveProperty("value", "");
});

test("Enter that ends an input method's composition adds nothing", () => {
  // given
  show(<Reasons begin={["Skin check"]} />);
  type("Mole");
  // when
  fireEvent.keyDown(field(), { key: "Enter", isComposing: true });
  // then
  expect(linked()).toEqual(["Skin check"]);
});

test("the button adds the typed text", () => {
  // given
  show(<Reasons begin={[]} />);
  type("Mole review");
  // when
  fireEvent.click(screen.getByRole("button", { name: "Add reason" }));
  // then
  expect(linked()).toEqual(["Mole review"]);
});

test("leaving the field adds the typed text", () => {
  // given
  show(<Reasons begin={[]} />);
  type("Mole review");
  // when
  fireEvent.blur(field());
  // then
  expect(linked()).toEqual(["Mole review"]);
});

test("a blank text adds nothing", () => {
  // given
  show(<Reasons begin={["Skin check"]} />);
  type("  ");
  // when
  fireEvent.keyDown(field(), { key: "Enter" });
  // then
  expect(linked()).toEqual(["Skin check"]);
  expect(status()).toBe("");
});

test("pasting several lines adds each as a reason, except those already in the list", () => {
  // given
  show(<Reasons begin={["Skin check"]} />);
  // when
  const goesOn = paste("Mole review\r\n\n  Melanoma\nskin CHECK\nmole review\n");
  // then
  expect(goesOn).toBe(false);
  expect(linked()).toEqual(["Skin check", "Mole review", "Melanoma"]);
  expect(status()).toBe("Added: Mole review, Melanoma. 2 were already there.");
});

test("pasting one line is left to the browser", () => {
  // given
  show(<Reasons begin={["Skin check"]} />);
  // when
  const goesOn = paste("Melanoma\n");
  // then
  expect(goesOn).toBe(true);
  expect(linked()).toEqual(["Skin check"]);
});

test("adding a reason that is already in the list says so", () => {
  // given
  show(<Reasons begin={["Skin check"]} />);
  type("SKIN CHECK");
  // when
  fireEvent.keyDown(field(), { key: "Enter" });
  // then
  expect(status()).toBe("One was already there.");
});

test("a removed reason is struck out, and can be put back", () => {
  // given
  show(<Reasons begin={["Skin check", "Melanoma"]} />);
  // when
  fireEvent.click(screen.getByRole("button", { name: "Remove Skin check" }));
  // then
  expect(linked()).toEqual(["Melanoma", "removed Skin check"]);
  expect(status()).toBe("Removed: Skin check.");
  // when
  fireEvent.click(screen.getByRole("button", { name: "Put back Skin check" }));
  // then
  expect(linked()).toEqual(["Melanoma", "Skin check"]);
});

test("a removed reason that is typed again is no longer struck out", () => {
  // given
  show(<Reasons begin={["Skin check"]} />);
  fireEvent.click(screen.getByRole("button", { name: "Remove Skin check" }));
  type("skin check");
  // when
  fireEvent.keyDown(field(), { key: "Enter" });
  // then
  expect(linked()).toEqual(["skin check"]);
});
