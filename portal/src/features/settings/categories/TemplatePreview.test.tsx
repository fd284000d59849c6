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
  [1, "GSM7", "1 segment · plain (GSM-7) · up to 160 characters."],
  [2, "GSM7", "2 segments · plain (GSM-7) · 153 characters in each."],
  [1, "UCS2", "1 segment · Unicode (UCS-2) · up to 70 characters."],
  [3, "UCS2", "3 segments · Unicode (UCS-2) · 67 characters in each."],
] as const)("the size of %d segments in %s is explained", (segments, encoding, expected) => {
  // when
  open({ segments, encoding });
  // then
  expect(screen.getByRole("status").textContent).toBe(`${expected} Networks bill each segment.`);
});

test("the preview shows what a patient would read", () => {
  // when
  open({});
  // then
  expect(all()).toContain("A patient would read:Hi Alexandra");
});

test("while the template is invalid, the last valid preview is shown as such", () => {
  // when
  open({ beyondGsm7: "’" }, "’ {surname}", { problem: UNKNOWN });
  // then
  expect(all()).toContain("As it was last, before the error:Hi Alexandra");
  expect(all()).not.toContain("Unicode message");
});

test("a missing preview is explained", () => {
  // when
  open({}, "", { failure: "unreachable" });
  // then
  expect(screen.getByRole("status").textContent).toBe(
    "There is no preview just now: Recalls can’t be reached.",
  );
});

test("a plain message has no warning", () => {
  // when
  open({});
  // then
  expect(all()).not.toContain("Unicode");
  expect(screen.queryByRole("button")).toBeNull();
});

test("the characters that make the message Unicode are named", () => {
  // when
  open({ encoding: "UCS2", beyondGsm7: "’😀" }, "It’s time 😀");
  // then
  expect(all()).toContain(
    "’ 😀 make this a Unicode message: 70 characters a segment instead of 160.",
  );
  expect(all()).toContain("There is no plain form of 😀.");
});

test("a character from a filled-in value is named as such, and isn't replaced", () => {
  // when
  open({ encoding: "UCS2", beyondGsm7: "ë" }, "Hi {firstName}");
  // then
  expect(all()).toContain("ë makes this a Unicode message");
  expect(all()).toContain("ë comes from what is filled in.");
  expect(screen.queryByRole("button")).toBeNull();
});

test("only characters with a plain form are replaced", () => {
  // given
  open({ encoding: "UCS2", beyondGsm7: "’😀" }, "It’s time, {firstName} 😀");
  // when
  fireEvent.click(screen.getByRole("button", { name: "Use ' instead" }));
  // then
  expect(onReplace).toHaveBeenCalledWith("It's time, {firstName} 😀");
});

test("each plain form is named once, and a space in words", () => {
  // given
  open({ encoding: "UCS2", beyondGsm7: "‘’…\u00a0" }, "‘Now’…\u00a0{reason}");
  expect(all()).toContain("‘ ’ … non-breaking space make this");
  // when
  fireEvent.click(screen.getByRole("button", { name: "Use ' and ... and a plain space instead" }));
  // then
  expect(onReplace).toHaveBeenCalledWith("'Now'... {reason}");
});
