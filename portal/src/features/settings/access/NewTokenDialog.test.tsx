// Tests of making an access token: what is sent to the API, and refusals.
import { fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";

import { CreateTokenDocument } from "../../../gql/graphql";
import { type Api, anApi } from "../../../testing/api";
import { show } from "../../../testing/screen";
import { NewTokenDialog } from "./NewTokenDialog";

let api: Api;
const onMade = vi.fn<() => void>();
const onClose = vi.fn<(name: string) => void>();

beforeEach(() => {
  api = anApi();
  show(<NewTokenDialog onMade={onMade} onClose={onClose} />);
  type("Who is it for?", "Sam");
});

function isMade(): void {
  api.on(CreateTokenDocument).answers(({ input }) => ({
    createToken: {
      __typename: "CreatedToken",
      secret: "recalls_1_secret",
      accessToken: { id: "AccessToken:2", name: input.name },
    },
  }));
}
function isRefused(message: string): void {
  api.on(CreateTokenDocument).answers(() => ({
    createToken: { __typename: "InvalidToken", message },
  }));
}
function type(label: string, value: string): void {
  fireEvent.change(screen.getByLabelText(label), { target: { value } });
}
const make = () => fireEvent.click(screen.getByRole("button", { name: "Create token" }));
const asked = () => api.asked(CreateTokenDocument).map(({ input }) => input);
const days = () => screen.getByLabelText("Days until it expires");

test("the default is a receptionist's token for ninety days", async () => {
  // given
  isMade();
  // when
  make();
  // then
  await screen.findByRole("alertdialog", { name: "Token for Sam" });
  expect(asked()).toEqual([{ name: "Sam", role: "RECEPTIONIST", expiresInDays: 90 }]);
  expect(onMade).toHaveBeenCalledOnce();
});

test("a token can have another role and no expiry", async () => {
  // given
  isMade();
  type("Role", "CONNECTOR");
  // when
  fireEvent.click(screen.getByLabelText(/^Never/));
  expect(days()).toHaveProperty("disabled", true);
  make();
  // then
  await screen.findByRole("alertdialog");
  expect(asked()).toEqual([{ name: "Sam", role: "CONNECTOR", expiresInDays: null }]);
});

test("a number of days that the API refuses is shown at its field, in the form's words", async () => {
  // given: the API's message, as in `tests/api/test_tokens.py`
  isRefused("expiresInDays must be from 1 to 3650, or null.");
  type("Days until it expires", "9999");
  // when
  make();
  // then
  await screen.findByText("The number of days must be from 1 to 3650.");
  expect(days().getAttribute("aria-invalid")).toBe("true");
  expect(onMade).not.toHaveBeenCalled();
});

test.each(["soon", "1.5", "-1", ""])(
  "'%s' isn't a number of days, and isn't sent",
  async (typed) => {
    // given
    type("Days until it expires", typed);
    // when
    make();
    // then
    await screen.findByText("Enter a whole number of days, such as 90.");
    expect(asked()).toEqual([]);
  },
);

test("a name that the API refuses is shown at its field", async () => {
  // given
  isRefused("name: Enter a name.");
  // when
  make();
  // then
  await screen.findByText("Enter a name.");
  expect(screen.getByLabelText("Who is it for?").getAttribute("aria-invalid")).toBe("true");
});

test("a refusal that names no field is shown for the whole form", async () => {
  // given
  isRefused("There are too many tokens.");
  // when
  make();
  // then
  expect(
    (await screen.findByText("There are too many tokens.")).closest("[role=alert]"),
  ).toBeTruthy();
});

test("a lost connection shows an error and keeps the input", async () => {
  // when
  make();
  // then
  await screen.findByText(/^We can’t reach the server/);
  expect(screen.getByLabelText("Who is it for?")).toHaveProperty("value", "Sam");
});
