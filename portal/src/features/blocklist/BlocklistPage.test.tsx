// Tests of the Blocked Communications screen: its messages after changes, and its search.
import { fireEvent, screen, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { remember } from "../../data/use-remembered";
import {
  type BlockedEntryFragment,
  BlockedListDocument,
  BlockMobileDocument,
  RemoveBlockedMobileDocument,
  SetBlockedRecallsDocument,
} from "../../gql/graphql";
import { type Api, anApi } from "../../testing/api";
import { anEntry } from "../../testing/facts";
import { show } from "../../testing/screen";
import BlocklistPage from "./BlocklistPage";

const ONE = anEntry({ id: "BlockedCommunication:1", mobile: "+61491570006" });
const TWO = anEntry({ id: "BlockedCommunication:2", mobile: "+61491570156", patients: [] });

let api: Api;
let listed: readonly BlockedEntryFragment[] = [];

beforeEach(() => {
  api = anApi();
  listed = [ONE, TWO];
  remember("blocked", "");
  remember("number to block", "");
  api.on(BlockedListDocument).answers(({ search }) => {
    const nodes = listed.filter(({ mobile }) => mobile.includes(search ?? ""));
    const pageInfo = { hasNextPage: false, endCursor: null };
    return { blockedCommunications: { totalCount: nodes.length, nodes, pageInfo } };
  });
});

async function open() {
  show(<BlocklistPage />, "/blocked");
  await screen.findByText(/^\d+ numbers?$/);
}
const numbers = () =>
  screen.queryAllByRole("heading", { level: 3 }).map((each) => each.textContent);
const noticeText = () => document.querySelector(".blocked-told")?.textContent;
const entry = (number: string) =>
  within(screen.getByRole("heading", { name: number }).closest("li") as HTMLElement);

test("the screen shows how many numbers are on the list", async () => {
  // when
  await open();
  // then
  expect(screen.getByText("2 numbers")).toBeTruthy();
  expect(numbers()).toEqual(["0491 570 006", "0491 570 156"]);
});

test("an empty list says so, and what to do", async () => {
  // given
  listed = [];
  // when
  await open();
  // then
  expect(screen.getByText(/^No numbers yet\. Block one above/)).toBeTruthy();
});

test("the count of a search differs from that of the whole list", async () => {
  // given
  await open();
  const search = screen.getByLabelText("Search");
  // when
  fireEvent.change(search, { target: { value: "156" } });
  // then
  await screen.findByText("1 number found");
  // when
  fireEvent.change(search, { target: { value: "999" } });
  // then
  await screen.findByText("No matches");
});

test("blocking a number shows a message and reads the list again", async () => {
  // given
  await open();
  const three = anEntry({ id: "BlockedCommunication:3", mobile: "+61491570158" });
  api.on(BlockMobileDocument).answers(() => {
    listed = [three, ...listed];
    return { blockMobile: { __typename: "BlockedCommunication", alreadyHandedOver: 0, ...three } };
  });
  // when
  fireEvent.click(screen.getByRole("button", { name: "Block" }));
  // then
  await expect.poll(numbers).toEqual(["0491 570 158", "0491 570 006", "0491 570 156"]);
  expect(noticeText()).toBe("0491 570 158 is blocked – no more recall SMS.");
});

test("listing a number without the tick shows a warning that it isn't stopped", async () => {
  // given
  await open();
  api.on(BlockMobileDocument).answers(() => ({
    blockMobile: {
      __typename: "BlockedCommunication",
      alreadyHandedOver: 0,
      ...ONE,
      blockedRecalls: false,
    },
  }));
  // when
  fireEvent.click(screen.getByLabelText("Blocked Recalls"));
  fireEvent.click(screen.getByRole("button", { name: "Block" }));
  // then
  await expect.poll(noticeText).toContain("can still get recall SMS");
  expect(document.querySelector(".blocked-told .notice-warning")).toBeTruthy();
});

test("a message can be closed", async () => {
  // given
  await open();
  api.on(BlockMobileDocument).answers(() => ({
    blockMobile: { __typename: "BlockedCommunication", alreadyHandedOver: 0, ...ONE },
  }));
  fireEvent.click(screen.getByRole("button", { name: "Block" }));
  await expect.poll(noticeText).toContain("is blocked");
  // when
  fireEvent.click(screen.getByRole("button", { name: "Close this message" }));
  // then
  expect(noticeText()).toBe("");
});

test("removing a number shows a message, and focuses the entry that takes its place", async () => {
  // given
  await open();
  api.on(RemoveBlockedMobileDocument).answers(() => {
    listed = [TWO];
    return { removeBlockedMobile: { __typename: "Removed" } } as never;
  });
  fireEvent.click(entry("0491 570 006").getByRole("button", { name: /^Remove from list/ }));
  // when
  fireEvent.click(
    within(screen.getByRole("alertdialog")).getByRole("button", { name: "Remove from list" }),
  );
  // then
  await expect.poll(numbers).toEqual(["0491 570 156"]);
  expect(noticeText()).toBe("Removed 0491 570 006. It can get recall SMS again.");
  expect(document.activeElement?.textContent).toBe("0491 570 156");
});

test("a number that somebody else removed meanwhile goes away with a message", async () => {
  // given
  await open();
  api.on(SetBlockedRecallsDocument).answers(() => {
    listed = [TWO];
    return { setBlockedRecalls: { __typename: "NotListed", message: "It isn't listed." } };
  });
  // when
  fireEvent.click(entry("0491 570 006").getByRole("checkbox"));
  // then
  await expect.poll(numbers).toEqual(["0491 570 156"]);
  expect(noticeText()).toBe("Someone else has just removed 0491 570 006.");
});
