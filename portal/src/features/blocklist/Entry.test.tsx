// Tests of a number on the blocked communication list: its tick and its messages.
import { fireEvent, screen, within } from "@testing-library/react";
import { useState } from "react";
import { beforeEach, expect, test, vi } from "vitest";

import {
  type BlockedEntryFragment,
  RemoveBlockedMobileDocument,
  SetBlockedRecallsDocument,
  type SetBlockedRecallsMutation,
} from "../../gql/graphql";
import { type Api, anApi } from "../../testing/api";
import { anEntry, TOM, PRIYA } from "../../testing/facts";
import { later } from "../../testing/later";
import { show } from "../../testing/screen";
import { Entry } from "./Entry";

const onGone = vi.fn<(by: "you" | "others") => void>();

let api: Api;
beforeEach(() => {
  api = anApi();
});

/** The entry within a list that shows its changes. */
function Listed({ begin }: { begin: BlockedEntryFragment }) {
  const [entry, setEntry] = useState(begin);
  return <Entry entry={entry} onChanged={setEntry} onGone={onGone} />;
}
const open = (special: Partial<BlockedEntryFragment> = {}) =>
  show(<Listed begin={anEntry(special)} />);

const answer = (blockedRecalls: boolean, alreadyHandedOver = 0): SetBlockedRecallsMutation => ({
  setBlockedRecalls: {
    __typename: "BlockedCommunication",
    alreadyHandedOver,
    ...anEntry({ blockedRecalls }),
  },
});
const answers = (alreadyHandedOver = 0) =>
  api
    .on(SetBlockedRecallsDocument)
    .answers(({ input }) => answer(input.blocked, alreadyHandedOver));

const box = () => screen.getByRole("checkbox", { name: "Blocked Recalls for 0491 570 006" });
const isTicked = () => (box() as HTMLInputElement).checked;
const status = () => screen.getByRole("status").textContent;

test("an entry shows who the number reaches and its note", () => {
  // when
  open({ patients: [PRIYA, TOM], note: "Asked by phone" });
  // then
  expect(document.querySelector(".blocked-whom")?.textContent).toBe(
    "0491 570 006Used by Priya Nair and Tom NairAsked by phone",
  );
});

test("an entry whose number reaches nobody says so", () => {
  // when
  open({ patients: [] });
  // then
  expect(screen.getByText("Not used by anyone on your list")).toBeTruthy();
});

test("the tick changes at once and says that it is being saved", async () => {
  // given
  const { promise, keep } = later<SetBlockedRecallsMutation>();
  api.on(SetBlockedRecallsDocument).answers(() => promise);
  open();
  // when
  fireEvent.click(box());
  // then
  expect(isTicked()).toBe(false);
  expect(box().getAttribute("aria-busy")).toBe("true");
  expect(status()).toBe("Saving…");
  // when
  keep(answer(false));
  // then
  await screen.findByText(/can get recall SMS again/);
  expect(box().getAttribute("aria-busy")).toBe("false");
  expect(isTicked()).toBe(false);
});

test("unticking says that SMS can go again, and can be undone", async () => {
  // given
  answers();
  open();
  fireEvent.click(box());
  await screen.findByText(/^0491 570 006 can get recall SMS again\./);
  // when
  fireEvent.click(screen.getByRole("button", { name: "Undo" }));
  // then
  await screen.findByText("0491 570 006 is blocked – no more recall SMS.");
  expect(isTicked()).toBe(true);
  expect(screen.queryByRole("button", { name: "Undo" })).toBeNull();
});

test("ticking says what went out before", async () => {
  // given
  answers(1);
  open({ blockedRecalls: false });
  // when
  fireEvent.click(box());
  // then
  await screen.findByText(/^0491 570 006 is blocked – no more recall SMS\. \(1 went out/);
});

test("a change that can't be saved goes back and says why", async () => {
  // given
  open();
  // when
  fireEvent.click(box());
  // then
  await screen.findByText(/^We can’t reach the server/);
  expect(isTicked()).toBe(true);
  // when
  answers();
  fireEvent.click(box());
  // then
  await screen.findByText(/can get recall SMS again/);
  expect(screen.queryByText(/can’t be reached/)).toBeNull();
  expect(isTicked()).toBe(false);
});

test("changing an entry that is no longer listed reports it as gone", async () => {
  // given
  api.on(SetBlockedRecallsDocument).answers(() => ({
    setBlockedRecalls: { __typename: "NotListed", message: "It isn't listed." },
  }));
  open();
  // when
  fireEvent.click(box());
  // then
  await expect.poll(() => onGone.mock.calls).toEqual([["others"]]);
});

test.each([
  [true, "Priya Nair can get recall SMS again."],
  [false, "Priya Nair can get recall SMS, as now."],
])("the question before a removal says what it does, ticked: %s", (blockedRecalls, expected) => {
  // given
  open({ blockedRecalls });
  // when
  fireEvent.click(screen.getByRole("button", { name: /^Remove from list/ }));
  // then
  expect(screen.getByRole("alertdialog").textContent).toContain(expected);
});

test.each([
  ["Removed", "you"],
  ["NotListed", "others"],
] as const)("when the API says %s, the entry was removed by %s", async (__typename, by) => {
  // given
  api
    .on(RemoveBlockedMobileDocument)
    .answers(() => ({ removeBlockedMobile: { __typename, message: "" } }) as never);
  open();
  fireEvent.click(screen.getByRole("button", { name: /^Remove from list/ }));
  // when
  fireEvent.click(
    within(screen.getByRole("alertdialog")).getByRole("button", { name: "Remove from list" }),
  );
  // then
  await expect.poll(() => onGone.mock.calls).toEqual([[by]]);
});
