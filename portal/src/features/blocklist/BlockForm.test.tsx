// Tests of the form that blocks a number: its hints and errors while typing, and its messages.
import { fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";

import { remember } from "../../data/use-remembered";
import { BlockMobileDocument, CheckMobileDocument, type CheckMobileQuery } from "../../gql/graphql";
import { type Api, anApi } from "../../testing/api";
import { anEntry, PRIYA, TOM } from "../../testing/facts";
import { show } from "../../testing/screen";
import { BlockForm, handedOver, listedText } from "./BlockForm";

type Check = CheckMobileQuery["checkMobile"];
const onBlocked = vi.fn<(entry: object) => void>();
const onTyping = vi.fn<() => void>();

let api: Api;
beforeEach(() => {
  api = anApi();
  remember("number to block", "");
});

/** Open the form with an API that returns this check for every number. */
function open(check: Check): void {
  api.on(CheckMobileDocument).answers(() => ({ checkMobile: check }));
  show(<BlockForm onTyping={onTyping} onBlocked={onBlocked} />);
}
const invalid = (message: string): Check => ({ __typename: "InvalidMobile", message });
const found = (special: object = {}): Check => ({
  __typename: "MobileCheck",
  mobile: "+61491570006",
  patients: [],
  blockedCommunication: null,
  ...special,
});

const field = () => screen.getByLabelText("Mobile number");
const note = () => screen.getByLabelText("Note (optional)");
const says = () => screen.getAllByRole("status")[0] as HTMLElement;
const type = (typed: string) => fireEvent.change(field(), { target: { value: typed } });
const block = () => fireEvent.click(screen.getByRole("button", { name: "Block" }));
const isWrong = () => field().getAttribute("aria-invalid") === "true";

const SHORT = "Too short: check for a missing digit.";

test("a number that is too short is a hint, not an error, while typing", async () => {
  // given
  open(invalid(SHORT));
  // when
  type("0491 5");
  // then
  await screen.findByText(SHORT);
  expect(says().className).toBe("block-says");
  expect(isWrong()).toBe(false);
});

test("a number that is too short is an error once the field is left", async () => {
  // given
  open(invalid(SHORT));
  type("0491 57");
  await screen.findByText(SHORT);
  // when
  fireEvent.blur(field());
  // then
  expect(says().textContent).toBe(SHORT);
  expect(says().className).toContain("field-error");
  expect(isWrong()).toBe(true);
});

test("leaving an empty field is not an error", () => {
  // given
  open(invalid(SHORT));
  // when
  fireEvent.blur(field());
  // then
  expect(isWrong()).toBe(false);
});

test("emptying the field starts over without an error", async () => {
  // given
  open(invalid(SHORT));
  type("0491 57");
  fireEvent.blur(field());
  await screen.findByText(SHORT);
  type("");
  // when
  type("0491 5");
  // then
  await screen.findByText(SHORT);
  expect(isWrong()).toBe(false);
});

test.each([
  ["call Ann", "This isn't a phone number."],
  ["02 5550 1234", "Not a mobile: landlines and 1300 numbers can't get SMS."],
  ["0491 570 006 1234567", "Too long: check for an extra digit."],
])("'%s' can't become a mobile number, and is an error while typing", async (typed, message) => {
  // given
  open(invalid(message));
  // when
  type(typed);
  // then
  await screen.findByText(message);
  await expect.poll(isWrong).toBe(true);
});

test("fewer than three characters are not checked", async () => {
  // given
  open(invalid(SHORT));
  // when
  type("04");
  type("049");
  await screen.findByText(SHORT);
  // then
  expect(api.asked(CheckMobileDocument)).toEqual([{ mobile: "049" }]);
});

test.each([
  [{ patients: [PRIYA, TOM] }, "0491 570 006 · Used by Priya Nair and Tom Nair"],
  [{}, "0491 570 006 · Not used by anyone on your list"],
  [
    { blockedCommunication: { id: "BlockedCommunication:1", blockedRecalls: true } },
    "0491 570 006 · Not used by anyone on your list · Already blocked",
  ],
  [
    {
      patients: [PRIYA],
      blockedCommunication: { id: "BlockedCommunication:1", blockedRecalls: false },
    },
    "0491 570 006 · Used by Priya Nair · Listed, but not blocked",
  ],
])("a complete number is explained: %o", async (special, explained) => {
  // given
  open(found(special));
  // when
  type("0491 570 006");
  // then
  await screen.findByText(explained);
  expect(isWrong()).toBe(false);
});

test("blocking sends the number, note and tick to the API, and empties the form", async () => {
  // given
  open(found());
  api.on(BlockMobileDocument).answers(() => ({
    blockMobile: { __typename: "BlockedCommunication", alreadyHandedOver: 0, ...anEntry() },
  }));
  type("0491 570 006");
  fireEvent.change(note(), { target: { value: "Asked by phone" } });
  // when
  block();
  // then
  await expect.poll(() => onBlocked.mock.calls.length).toBe(1);
  expect(api.asked(BlockMobileDocument)).toEqual([
    { input: { mobile: "0491 570 006", blockedRecalls: true, note: "Asked by phone" } },
  ]);
  await expect.poll(field).toHaveProperty("value", "");
  expect(note()).toHaveProperty("value", "");
});

test("a number can be listed without the tick, and the form is ticked again for the next one", async () => {
  // given
  open(found());
  const entry = anEntry({ blockedRecalls: false });
  api.on(BlockMobileDocument).answers(() => ({
    blockMobile: { __typename: "BlockedCommunication", alreadyHandedOver: 0, ...entry },
  }));
  type("0491 570 006");
  const tick = screen.getByLabelText("Blocked Recalls");
  fireEvent.click(tick);
  // when
  block();
  // then
  await expect.poll(() => onBlocked.mock.calls.length).toBe(1);
  expect(api.asked(BlockMobileDocument)[0]?.input).toMatchObject({
    blockedRecalls: false,
    note: null,
  });
  await expect.poll(() => tick).toHaveProperty("checked", true);
});

test("the API's refusal is shown at the field until something else is typed", async () => {
  // given
  open(found());
  api.on(BlockMobileDocument).answers(() => ({
    blockMobile: { __typename: "InvalidMobile", message: "Enter a mobile number." },
  }));
  // when
  block();
  // then
  await screen.findByText("Enter a mobile number.");
  expect(isWrong()).toBe(true);
  // when
  type("0");
  // then
  expect(isWrong()).toBe(false);
});

test("the form keeps its input when the connection is lost, and sends it on the next try", async () => {
  // given
  open(found());
  type("0491 570 006");
  fireEvent.change(note(), { target: { value: "Asked by phone" } });
  // when
  block();
  // then
  await screen.findByText(/can’t reach the server/);
  expect(field()).toHaveProperty("value", "0491 570 006");
  expect(note()).toHaveProperty("value", "Asked by phone");
  // when
  api.on(BlockMobileDocument).answers(() => ({
    blockMobile: { __typename: "BlockedCommunication", alreadyHandedOver: 0, ...anEntry() },
  }));
  block();
  // then
  await expect.poll(() => onBlocked.mock.calls.length).toBe(1);
  await expect.poll(() => screen.queryByText(/can’t reach the server/)).toBeNull();
});

test("typing clears the message about the previous number", () => {
  // given
  open(found());
  // when
  type("0");
  // then
  expect(onTyping).toHaveBeenCalledOnce();
});

const listed = (special: object = {}) =>
  ({ __typename: "BlockedCommunication", alreadyHandedOver: 0, ...anEntry(), ...special }) as const;

test("the message for a blocked number says that it gets no more recall SMS", () => {
  expect(listedText(listed())).toBe("0491 570 006 is blocked – no more recall SMS.");
});

test("the message for a number without the tick says that it still gets recall SMS", () => {
  expect(listedText(listed({ blockedRecalls: false }))).toBe(
    "0491 570 006 is listed but not blocked, so it can still get recall SMS.",
  );
});

test("the message mentions an SMS that went out before the block, because it can't be taken back", () => {
  expect(listedText(listed({ alreadyHandedOver: 1 }))).toBe(
    "0491 570 006 is blocked – no more recall SMS. (1 went out in the last 24 hours and can’t be taken back.)",
  );
});

test("several SMS that went out before are mentioned in the plural, and none not at all", () => {
  expect(handedOver({ alreadyHandedOver: 2 })).toBe(
    " (2 went out in the last 24 hours and can’t be taken back.)",
  );
  expect(handedOver({ alreadyHandedOver: 0 })).toBe("");
});
