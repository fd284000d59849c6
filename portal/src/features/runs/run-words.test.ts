// Tests of what a run and each kind of outcome of its messages are called.
import { expect, test } from "vitest";

import type { RunPartsFragment } from "../../gql/graphql";
import { aRun, SYDNEY } from "../../testing/facts";
import { ATTEMPT } from "../../text/words";
import { GROUPS, groupCounts, standingText, starter, stateText } from "./run-words";

const AT = "2025-03-04T01:05:00Z";
const standing = (special: Partial<RunPartsFragment>) => standingText(aRun(special), SYDNEY);

test("a run is started by somebody, or by the schedule", () => {
  expect(starter({ actor: "Kim" })).toBe("Kim");
  expect(starter({ actor: null })).toBe("the schedule");
});

test.each([
  ["PLANNING", "Being prepared"],
  ["SENDING", "Under way"],
  ["FINISHED", "Finished"],
] as const)("a run that is %s is told as %s", (state, told) => {
  expect(stateText({ state, stoppedAt: null })).toBe(told);
});

test("a run that was stopped is stopping until it has come to its end", () => {
  expect(stateText({ state: "SENDING", stoppedAt: AT })).toBe("Stopping");
  expect(stateText({ state: "FINISHED", stoppedAt: AT })).toBe("Stopped");
});

test("where a run stands is told without a time while it goes on", () => {
  expect(standing({ state: "SENDING" })).toBe("Under way.");
});

test("when it finished is told by the practice's clock", () => {
  expect(standing({ state: "FINISHED", finishedAt: AT })).toBe("Finished on 4 Mar 2025, 12:05 pm.");
});

test("a stop is told while what waits is being cancelled", () => {
  expect(standing({ state: "SENDING", stoppedAt: AT, cancelled: 3 })).toBe(
    "Stopped on 4 Mar 2025, 12:05 pm: what waits is being cancelled.",
  );
});

test("what a stop came to is told afterwards", () => {
  // given
  const stopped = { state: "FINISHED", stoppedAt: AT, finishedAt: AT } as const;
  // then
  expect(standing({ ...stopped, cancelled: 3 })).toBe(
    "Stopped on 4 Mar 2025, 12:05 pm: what waited was cancelled.",
  );
  expect(standing({ ...stopped, cancelled: 0 })).toBe(
    "Stopped on 4 Mar 2025, 12:05 pm: nothing of it waited any more.",
  );
});

test("every outcome of a message is in one group", () => {
  // when
  const states = GROUPS.flatMap((group): string[] => [...group.states]);
  // then: a call or a letter is in no run
  expect(states.toSorted()).toEqual(
    Object.keys(ATTEMPT)
      .filter((state) => state !== "DONE")
      .toSorted(),
  );
});

test("what staff have something to do about comes first, and open", () => {
  expect(GROUPS.filter((group) => group.open).map((group) => group.key)).toEqual([
    "unknown",
    "failed",
    "refused",
  ]);
  expect(GROUPS.map((group) => group.open)).toEqual([true, true, true, false, false, false, false]);
});

test("an unknown message is not to be sent again before a call", () => {
  expect(GROUPS.find((group) => group.key === "unknown")?.toDo).toBe(
    "It may have arrived. Call the patient before you send again: Recalls doesn’t send it again by itself.",
  );
});

test("a failed message asks for a call, a letter or another number", () => {
  expect(GROUPS.find((group) => group.key === "failed")?.toDo).toBe(
    "Call or write, or correct the number in your practice software.",
  );
});

test("each message is counted in its group, and a delivered one as sent no longer", () => {
  // given
  const run = aRun({ queued: 1, sent: 5, refused: 2, failed: 3, unknown: 4, cancelled: 6 });
  // then
  expect(groupCounts(run, 3)).toEqual({
    unknown: 4,
    failed: 3,
    refused: 2,
    cancelled: 6,
    waiting: 1,
    sent: 2,
    delivered: 3,
  });
});

test("where more are delivered than the run knew of a moment ago none is sent", () => {
  expect(groupCounts(aRun({ sent: 2 }), 3).sent).toBe(0);
});
