// Tests of editing a template: its preview, and its errors.
import { fireEvent, screen } from "@testing-library/react";
import { useState } from "react";
import { beforeEach, expect, test } from "vitest";

import { TemplatePreviewDocument } from "../../../gql/graphql";
import { type Api, anApi } from "../../../testing/api";
import { show } from "../../../testing/screen";
import { TemplateField } from "./TemplateField";

const UNKNOWN =
  "We don't know {surname}. Use {firstName}, {practiceName}, {reason}, {dueDate}, {practicePhone}.";

let api: Api;
beforeEach(() => {
  api = anApi();
  // An API that fills in {firstName}, and refuses {surname}.
  api.on(TemplatePreviewDocument).answers(({ template }) => ({
    templatePreview: template.includes("{surname}")
      ? { __typename: "InvalidTemplate", message: UNKNOWN }
      : {
          __typename: "SmsText",
          body: template.replace("{firstName}", "Alexandra"),
          segments: 1,
          encoding: "GSM7",
          beyondGsm7: "",
        },
  }));
});

function Template() {
  const [value, setValue] = useState("Hi {firstName}");
  return <TemplateField value={value} reason="Skin check" error={undefined} onChange={setValue} />;
}

const field = () => screen.getByLabelText("SMS text");
const type = (value: string) => fireEvent.change(field(), { target: { value } });
const described = () =>
  (field().getAttribute("aria-describedby") ?? "")
    .split(" ")
    .map((id) => document.getElementById(id)?.textContent);

test("a template is previewed as a patient would read it, for the category's reason", async () => {
  // given
  show(<Template />);
  await screen.findByText("Hi Alexandra");
  // when
  type("Dear {firstName}");
  // then
  await screen.findByText("Dear Alexandra");
  expect(api.asked(TemplatePreviewDocument).at(-1)).toEqual({
    template: "Dear {firstName}",
    reason: "Skin check",
  });
  expect(screen.getByText(/^1 SMS · \d+ of 160 characters/)).toBeTruthy();
});

test("an unknown placeholder is an error at the field, and the last preview stays", async () => {
  // given
  show(<Template />);
  await screen.findByText("Hi Alexandra");
  // when
  type("Hi {surname}");
  // then
  await screen.findByText(UNKNOWN);
  expect(described()).toEqual(["Words in {brackets} are filled in for each patient.", UNKNOWN]);
  expect(screen.getByText("Hi Alexandra")).toBeTruthy();
});

test("the error goes away when the template is valid again", async () => {
  // given
  show(<Template />);
  type("Hi {surname}");
  await screen.findByText(UNKNOWN);
  // when
  type("Hi you");
  // then
  await screen.findByText("Hi you", { selector: ".bubble" });
  expect(screen.queryByText(UNKNOWN)).toBeNull();
});
