// Tests of the next automated run: how it reads, where it links, and that it is started once.
import { fireEvent, screen, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import {
  AutomatedRunPreviewDocument,
  type AutomatedRunPreviewQuery,
  StartAutomatedRunDocument,
} from "../../../gql/graphql";
import { type Api, anApi } from "../../../testing/api";
import { aRun } from "../../../testing/facts";
import { show } from "../../../testing/screen";
import { AutomationPage } from "./AutomationPage";

type Preview = AutomatedRunPreviewQuery["automatedRunPreview"];
const REFUSALS = [
  { reason: "MOBILE_MISSING", count: 1200 },
  { reason: "BLOCKED_COMMUNICATION", count: 1 },
] as const;

let api: Api;
beforeEach(() => {
  api = anApi();
});

async function open(special: Partial<Preview> = {}) {
  api.on(AutomatedRunPreviewDocument).answers(() => ({
    automatedRunPreview: {
      messages: 3,
      recalls: 4,
      segments: 3,
      overridden: 0,
      nextRunAt: "2999-11-23T22:00:00Z",
      refusals: [],
      ...special,
    },
  }));
  show(<AutomationPage />);
  await screen.findByText(/^(No category is automated|Next run)/);
}

const press = (name: string) => fireEvent.click(screen.getByRole("button", { name }));
const numbers = () => document.querySelectorAll(".next-run")[1]?.textContent;

async function ask(): Promise<HTMLElement> {
  press("Start a run now…");
  return screen.findByRole("alertdialog", { name: /now\?$/ });
}

test("the next run shows what it would send, and its time in the practice's time zone", async () => {
  // when
  await open();
  // then
  expect(numbers()).toBe("3 SMS for 4 recalls");
  expect(screen.getByText("24 Nov 2999, 9:00 am")).toBeTruthy();
  expect(screen.getByText(/, Sydney time$/)).toBeTruthy();
});

test("one of each is in the singular", async () => {
  // when
  await open({ messages: 1, recalls: 1, segments: 1 });
  // then
  expect(numbers()).toBe("1 SMS for 1 recall");
});

test("messages that would override consent are counted", async () => {
  // when
  await open({ overridden: 1 });
  // then
  expect(screen.getByText(/^1 of these SMS goes to a patient with “no SMS” on file/)).toBeTruthy();
});

test("a refusal links to its recalls", async () => {
  // when
  await open({ refusals: REFUSALS });
  // then
  const found = within(document.querySelector(".refusals") as HTMLElement);
  expect(found.getAllByRole("listitem").map((each) => each.textContent)).toEqual([
    "1,200 No mobile number",
    "1 Blocked Recalls",
  ]);
  expect(found.getAllByRole("link").map((each) => each.getAttribute("href"))).toEqual([
    "/recalls/all?reason=MOBILE_MISSING",
    "/recalls/all?reason=BLOCKED_COMMUNICATION",
  ]);
});

test("a run without refusals says so", async () => {
  // when
  await open();
  // then
  expect(screen.getByText(/^None – every recall due/)).toBeTruthy();
});

test("without an automated category, there is no run to start", async () => {
  // when
  await open({ nextRunAt: null });
  // then
  expect(screen.getByText(/^No category is automated, so there’s no next run\./)).toBeTruthy();
  expect(screen.queryByRole("button", { name: /^Start a run now/ })).toBeNull();
});

test("the question before a start says what would be sent, and what can't be", async () => {
  // given
  await open({ refusals: REFUSALS });
  // when
  const asked = await ask();
  // then
  expect(asked.textContent).toContain("Send 3 SMS now?This is for 4 recalls. It’s ");
  expect(asked.textContent).toContain("1,201 recalls can’t get an SMS.");
});

test("the question before a start warns of those who said no, and tells what is charged", async () => {
  // given
  await open({ overridden: 2, segments: 5 });
  // when
  const asked = await ask();
  // then
  expect(asked.textContent).toContain("for 4 recalls (charged as 5).");
  expect(asked.textContent).toContain("2 of these SMS go to patients with “no SMS” on file");
});

test("the question before a start says if no message would go", async () => {
  // given
  await open({ messages: 0 });
  // when
  const asked = await ask();
  // then
  expect(asked.textContent).toContain("Nothing would be sent.");
});

test("the dialog says if nothing was sent", async () => {
  // given
  api.on(StartAutomatedRunDocument).answers(() => ({
    startAutomatedRun: {
      __typename: "NothingToSend",
      message: "Nothing was sent. No recalls are due.",
    },
  }));
  await open({ messages: 0 });
  const asked = await ask();
  // when
  press("Send now");
  // then
  await within(asked).findByText("Nothing was sent. No recalls are due.");
});

test("a retry after a lost answer uses the same key", async () => {
  // given
  await open();
  const asked = await ask();
  press("Send now");
  await within(asked).findByText(/^We can’t reach the server/);
  api.on(StartAutomatedRunDocument).answers(() => ({
    startAutomatedRun: { __typename: "Run", ...aRun({ id: "Run:7", state: "FINISHED" }) },
  }));
  // when
  press("Send now");
  // then
  const link = await screen.findByRole("link", { name: "Follow it in Sent messages" });
  expect(link.getAttribute("href")).toBe("/runs/Run:7");
  const keys = api.asked(StartAutomatedRunDocument).map(({ input }) => input.idempotencyKey);
  expect(keys.length).toBe(2);
  expect(new Set(keys).size).toBe(1);
});
