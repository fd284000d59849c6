// Tests of a template's preview: its size, and the characters that make it larger.
import { fireEvent, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import { show } from "../../../testing/screen";
import { TemplatePreview } from "./TemplatePreview";
import type { SmsText, TemplatePreview as Preview } from "./use-template-preview";

const UNKNOWN =
  "We don't know {surname}. Use {firstName}, {practiceName}, {reason}, {dueDate}, {practicePhone}.";

const onReplace = vi.fn<(text: string) => void>();

const PLAIN: SmsText = {
  __typename: "SmsText",
  body: "Hi Alexandra",
  segments: 1,
  encoding: "GSM7",
  beyondGsm7: "",
};

function open(text: Partial<SmsText> | undefined, template = "", special: Partial<Preview> = {}) {
  const preview = { text: text && { ...PLAIN, ...text }, problem: "", failure: "", ...special };
  show(<TemplatePreview preview={preview} template={template} onReplace={onReplace} />);
}

const all = () => screen.getByRole("figure").textContent;

test.each([
  [1, "GSM7", "1 SMS · 12 of 160 characters"],
  [2, "GSM7", "Charged as 2 SMS · 12 of 306 characters"],
  [1, "UCS2", "1 SMS · 12 of 70 characters"],
  [3, "UCS2", "Charged as 3 SMS · 12 of 201 characters"],
] as const)("the size of %d segments in %s is explained", (segments, encoding, expected) => {
  // when
  open({ segments, encoding });
  // then
  expect(screen.getByRole("status").textContent).toBe(expected);
});

test("the preview shows what a patient would read", () => {
  // when
  open({});
  // then
  expect(all()).toContain("PreviewHi Alexandra");
});

test("while the template is invalid, the last valid preview is shown as such", () => {
  // when
  open({ beyondGsm7: "’" }, "’ {surname}", { problem: UNKNOWN });
  // then
  expect(all()).toContain("Last version that worksHi Alexandra");
  expect(all()).not.toContain("dearer");
});

test("a character that takes the room of two counts twice", () => {
  // when
  open({ body: "[€5]" });
  // then
  expect(screen.getByRole("status").textContent).toBe("1 SMS · 7 of 160 characters");
});

test("a missing preview is explained", () => {
  // when
  open({}, "", { failure: "unreachable" });
  // then
  expect(screen.getByRole("status").textContent).toBe("No preview: we can’t reach the server.");
});

test("a plain message has no warning", () => {
  // when
  open({});
  // then
  expect(all()).not.toContain("dearer");
  expect(screen.queryByRole("button")).toBeNull();
});

test("the characters that make the message Unicode are named", () => {
  // when
  open({ encoding: "UCS2", beyondGsm7: "’😀" }, "It’s time 😀");
  // then
  expect(all()).toContain("’ 😀 make this SMS dearer (70 characters each instead of 160).");
  expect(all()).toContain("Remove 😀 yourself.");
});

test("a character from a filled-in value is named as such, and isn't replaced", () => {
  // when
  open({ encoding: "UCS2", beyondGsm7: "ë" }, "Hi {firstName}");
  // then
  expect(all()).toContain("ë makes this SMS dearer");
  expect(all()).toContain("ë comes from what’s filled in.");
  expect(screen.queryByRole("button")).toBeNull();
});

test("only characters with a plain form are replaced", () => {
  // given
  open({ encoding: "UCS2", beyondGsm7: "’😀" }, "It’s time, {firstName} 😀");
  // when
  fireEvent.click(screen.getByRole("button", { name: "Replace ’" }));
  // then
  expect(onReplace).toHaveBeenCalledWith("It's time, {firstName} 😀");
});

test("what would be replaced is named, and a space in words", () => {
  // given
  open({ encoding: "UCS2", beyondGsm7: "‘’…\u00a0" }, "‘Now’…\u00a0{reason}");
  expect(all()).toContain("‘ ’ … non-breaking space make this");
  // when
  fireEvent.click(
    screen.getByRole("button", { name: "Replace ‘ and ’ and … and non-breaking space" }),
  );
  // then
  expect(onReplace).toHaveBeenCalledWith("'Now'... {reason}");
});
