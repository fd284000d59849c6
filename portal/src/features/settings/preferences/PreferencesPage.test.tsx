// Tests of preferences: only changed fields are sent, and problems are shown at their field.
import { fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { PreferencesDocument, SavePreferencesDocument } from "../../../gql/graphql";
import { type Api, anApi } from "../../../testing/api";
import { show } from "../../../testing/screen";
import { PreferencesPage } from "./PreferencesPage";

let api: Api;
beforeEach(async () => {
  api = anApi();
  api.on(PreferencesDocument).answers(() => ({
    practice: {
      id: "Practice:1",
      preferences: {
        firstContactDays: 14,
        smsRepeatDays: 3,
        letterRepeatDays: 21,
        phoneRepeatDays: 7,
        sendFrom: "09:00",
        sendUntil: "17:00",
      },
    },
  }));
  show(<PreferencesPage />);
  await screen.findByLabelText("Wait after an SMS (days)");
});

const type = (label: string, value: string) =>
  fireEvent.change(screen.getByLabelText(label), { target: { value } });
const save = () => fireEvent.click(screen.getByRole("button", { name: "Save" }));
const asked = () => api.asked(SavePreferencesDocument).map(({ input }) => input);

function isRefused(message: string): void {
  api.on(SavePreferencesDocument).answers(() => ({
    savePreferences: { __typename: "InvalidPreferences", message },
  }));
}

/** Expect the message at the field, which has the focus and keeps what was typed. */
async function expectErrorAt(label: string, message: string, typed: string) {
  await screen.findByText(message);
  const field = screen.getByLabelText(label);
  expect(field.getAttribute("aria-invalid")).toBe("true");
  expect(field).toHaveProperty("value", typed);
  await expect.poll(() => document.activeElement?.id).toBe(field.id);
}

test("only changed fields are sent, days as numbers and hours as typed", async () => {
  // given
  api.on(SavePreferencesDocument).answers(() => ({
    savePreferences: { __typename: "Preferences", sendFrom: "08:30" },
  }));
  type("Wait after an SMS (days)", " 5 ");
  type("Send automatically from", "08:30");
  // when
  save();
  // then
  await screen.findByText("Saved");
  expect(asked()).toEqual([{ smsRepeatDays: 5, sendFrom: "08:30" }]);
});

test("without changes nothing is sent", async () => {
  // when
  save();
  // then
  await screen.findByText("No changes");
  expect(asked()).toEqual([]);
});

test("typing clears the message about the last save", async () => {
  // given
  save();
  await screen.findByText("No changes");
  // when
  type("Wait after an SMS (days)", "5");
  // then
  expect(screen.queryByText("No changes")).toBeNull();
});

test.each(["two", "", "1.5", "-1"])(
  "'%s' isn't a number of days, and isn't sent",
  async (typed) => {
    // given
    type("Wait after a call (days)", typed);
    // when
    save();
    // then
    await expectErrorAt("Wait after a call (days)", "Enter a whole number, such as 3.", typed);
    expect(asked()).toEqual([]);
  },
);

test("days that the API refuses are shown at their field, by its label", async () => {
  // given: the API's message, as in `tests/db/test_preferences.py`
  isRefused("letterRepeatDays: Enter a number from 1 to 365.");
  type("Wait after a letter (days)", "400");
  // when
  save();
  // then
  await expectErrorAt("Wait after a letter (days)", "Enter a number from 1 to 365.", "400");
});

test("hours that the API refuses are shown by both labels", async () => {
  // given: the API's message, as in `tests/db/test_preferences.py`
  isRefused("sendFrom: The start must be before the end.");
  type("Send automatically from", "23:00");
  // when
  save();
  // then
  await expectErrorAt("Send automatically from", "The start must be before the end.", "23:00");
});
