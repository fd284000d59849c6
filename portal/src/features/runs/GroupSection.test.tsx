// Tests of a run's messages with the same outcome: how each reads, and where it links.
import { fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { RunAttemptsDocument, type RunAttemptsQuery } from "../../gql/graphql";
import { type Api, anApi } from "../../testing/api";
import { PRIYA, stopped } from "../../testing/facts";
import { show } from "../../testing/screen";
import { GroupSection } from "./GroupSection";
import { GROUPS, type GroupKey } from "./run-words";

type Run = Extract<NonNullable<RunAttemptsQuery["node"]>, { __typename: "Run" }>;
type Attempt = Run["attempts"]["nodes"][number];

const recall = (special: object = {}) => ({
  id: "Recall:1",
  reason: "Skin check",
  patient: { ...PRIYA, mobileTyped: "0491570006" },
  ...special,
});
const attempt = (special: Partial<Attempt> = {}): Attempt => ({
  id: "ContactAttempt:1",
  state: "FAILED",
  mobile: "+61491570006",
  failure: null,
  lookedUp: false,
  cancellation: null,
  createdAt: "2025-03-04T01:00:00Z",
  settledAt: "2025-03-04T01:05:00Z",
  refusal: null,
  recalls: [recall()],
  ...special,
});

let api: Api;
beforeEach(() => {
  api = anApi();
});

/** Open a group of a run with these messages, and with `more` on a second page. */
function open(key: GroupKey, attempts: Attempt[], more: Attempt[] = []): void {
  api.on(RunAttemptsDocument).answers(({ after }) => ({
    node: {
      __typename: "Run",
      attempts: {
        totalCount: attempts.length + more.length,
        nodes: after ? more : attempts,
        pageInfo: { hasNextPage: !after && more.length > 0, endCursor: "here" },
      },
    },
  }));
  const group = GROUPS.find((each) => each.key === key);
  if (!group) throw new Error("there is no such group");
  show(<GroupSection runId="Run:1" group={group} count={attempts.length + more.length} />);
}

const row = async () => {
  const [, first] = await screen.findAllByRole("row");
  return [...(first?.querySelectorAll("th, td") ?? [])].map((cell) => cell.textContent);
};
const outcome = async (special: Partial<Attempt>) => {
  open("failed", [attempt(special)]);
  return (await row())[3];
};

test("a message is shown with its patient, number, recalls, outcome and time", async () => {
  // given
  open("failed", [attempt()]);
  // then
  expect(await row()).toEqual([
    "Priya Nair",
    "0491 570 006",
    "Skin check of Priya Nair",
    "Failed",
    "4 Mar 2025, 12:05 pm",
  ]);
});

test("each recall of a message is a link", async () => {
  // given
  const recalls = [recall(), recall({ id: "Recall:2", reason: "Flu shot" })];
  open("unknown", [attempt({ state: "UNKNOWN", recalls })]);
  // when
  const links = await screen.findAllByRole("link");
  // then
  expect(links.map((link) => [link.textContent, link.getAttribute("href")])).toEqual([
    ["Skin check of Priya Nair", "/recalls/all?recall=Recall:1"],
    ["Flu shot of Priya Nair", "/recalls/all?recall=Recall:2"],
  ]);
});

test("a message that the gateway refused shows its code", async () => {
  expect(await outcome({ state: "FAILED", failure: "21610" })).toBe(
    "The patient has opted out with the phone company (21610)",
  );
});

test("a message that the gateway couldn't deliver says so, with its code", async () => {
  expect(await outcome({ state: "UNDELIVERED", failure: "30003" })).toBe(
    "Phone was off or out of range (30003)",
  );
});

test("a message that the rule refused shows the rule's text", async () => {
  expect(
    await outcome({ state: "REFUSED", refusal: stopped("MOBILE_MISSING", "No mobile number") }),
  ).toBe("No mobile number");
});

test("a cancelled message shows the reason", async () => {
  expect(await outcome({ state: "CANCELLED", cancellation: "RUN_STOPPED" })).toBe(
    "Undone or stopped before it was sent.",
  );
});

test("a message that isn't settled shows when it was created", async () => {
  // given
  open("unknown", [attempt({ state: "UNKNOWN", settledAt: null })]);
  // then
  expect((await row()).at(-1)).toBe("4 Mar 2025, 12:00 pm");
});

test("an unusable number is shown as typed", async () => {
  // given
  open("refused", [
    attempt({ mobile: null, recalls: [recall({ patient: { ...PRIYA, mobileTyped: "ask son" } })] }),
  ]);
  // then
  expect((await row())[1]).toBe("ask son");
});

test("a group that staff must deal with is open, and says what to do", async () => {
  // given
  open("failed", [attempt()]);
  // then
  await screen.findByText("Priya Nair");
  expect(
    screen.getByText("Call or write, or fix the number in your practice software.").tagName,
  ).toBe("STRONG");
  expect(screen.getByRole("button").getAttribute("aria-expanded")).toBe("true");
});

test("a group that needs no attention is read only when it is opened", async () => {
  // given
  open("delivered", [attempt({ state: "DELIVERED" })]);
  expect(api.asked(RunAttemptsDocument)).toEqual([]);
  // when
  fireEvent.click(screen.getByRole("button", { name: "Show the SMS: Delivered" }));
  // then
  expect((await row())[3]).toBe("Delivered");
  expect(api.asked(RunAttemptsDocument)[0]).toMatchObject({ id: "Run:1", states: ["DELIVERED"] });
});

test("many messages are shown page by page", async () => {
  // given
  const many = Array.from({ length: 50 }, (_, each) => attempt({ id: `ContactAttempt:${each}` }));
  open("refused", many, [attempt({ id: "ContactAttempt:50" })]);
  await screen.findByText("Showing 50 of 51 SMS");
  // when
  fireEvent.click(screen.getByRole("button", { name: "Show more" }));
  // then
  await screen.findByText("All SMS shown");
  expect(screen.getAllByRole("row").length).toBe(1 + 51);
});
