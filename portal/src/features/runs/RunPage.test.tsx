// Tests of the screens for one run and for all runs.
import { fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import { Route } from "wouter";

import { RunDetailsDocument, type RunPartsFragment, RunsDocument } from "../../gql/graphql";
import { type Api, anApi } from "../../testing/api";
import { aRun } from "../../testing/facts";
import { show } from "../../testing/screen";
import RunPage from "./RunPage";
import RunsPage from "./RunsPage";

let api: Api;
beforeEach(() => {
  api = anApi();
});

/** Open a finished run, without its messages. */
function openRun(special: Partial<RunPartsFragment>, delivered = 0, refusals: object[] = []): void {
  const run = aRun({ state: "FINISHED", finishedAt: "2025-03-04T01:05:00Z", ...special });
  api.on(RunDetailsDocument).answers(
    () =>
      ({
        node: { __typename: "Run", ...run, refusals, delivered: { totalCount: delivered } },
      }) as never,
  );
  show(<Route path="/runs/:id" component={RunPage} />, "/runs/Run:1");
}
const outcomes = () =>
  screen
    .getAllByRole("link")
    .filter((link) => link.getAttribute("href")?.startsWith("#"))
    .map((link) => link.textContent);

test("a run that the practice doesn't have says so", async () => {
  // given
  api.on(RunDetailsDocument).answers(() => ({ node: null }));
  // when
  show(<Route path="/runs/:id" component={RunPage} />, "/runs/Run:404");
  // then
  await screen.findByRole("heading", { level: 1, name: "We can’t find these messages" });
});

test("a run shows who started it, its state and its outcomes", async () => {
  // when
  openRun({ planned: 1205, sent: 1200, failed: 2, refused: 3 }, 1200, [
    { reason: "BLOCKED_COMMUNICATION", count: 2 },
    { reason: "PATIENT_DECEASED", count: 1 },
  ]);
  // then
  await screen.findByText("Sent by Kim · 1,202 SMS, 3 not sent");
  expect(screen.getByText("Finished 4 Mar 2025, 12:05 pm.")).toBeTruthy();
  expect(outcomes()).toEqual(["2 Failed", "3 Not sent – blocked", "1,200 Delivered"]);
  expect([...document.querySelectorAll(".reasons li")].map((each) => each.textContent)).toEqual([
    "2: Blocked Recalls",
    "1: Patient deceased",
  ]);
});

test("a finished run can't be stopped", async () => {
  // when
  openRun({ planned: 1, sent: 1 });
  // then
  await screen.findByText(/^Finished 4 Mar/);
  expect(screen.queryByRole("button", { name: "Stop sending…" })).toBeNull();
});

test("a run shows how many recalls were left out", async () => {
  // when
  openRun({ skipped: 1 });
  // then
  await screen.findByText("1 recall left out: closed, or an SMS was already on its way.");
});

function openRuns(nodes: RunPartsFragment[], more: RunPartsFragment[] = []): void {
  api.on(RunsDocument).answers(({ after }) => ({
    runs: {
      totalCount: nodes.length + more.length,
      nodes: after ? more : nodes,
      pageInfo: { hasNextPage: !after && more.length > 0, endCursor: "here" },
    },
  }));
  show(<RunsPage />, "/runs");
}

test("an empty list says that nothing has been sent yet", async () => {
  // when
  openRuns([]);
  // then
  await screen.findByText(/^Nothing sent yet\./);
});

test("each run is listed with its numbers", async () => {
  // when
  openRuns([
    aRun({
      trigger: "AUTOMATED",
      actor: null,
      planned: 1200,
      queued: 1194,
      sent: 3,
      refused: 1,
      cancelled: 2,
    }),
  ]);
  // then
  const [, run] = await screen.findAllByRole("row");
  expect([...(run?.querySelectorAll("td") ?? [])].map((cell) => cell.textContent)).toEqual([
    "Schedule",
    "Automated",
    "Sending – 1,194 to go",
    "1,200",
    "3",
    "0",
    "0",
    "1",
    "2",
  ]);
});

test("many runs are shown page by page", async () => {
  // given
  const many = Array.from({ length: 20 }, (_, each) => aRun({ id: `Run:${each}` }));
  openRuns(many, [aRun({ id: "Run:20" })]);
  await screen.findByText("Showing 20 of 21 sends");
  // when
  fireEvent.click(screen.getByRole("button", { name: "Show more" }));
  // then
  await screen.findByText("All sends shown");
  expect(screen.getAllByRole("row").length).toBe(1 + 21);
});
