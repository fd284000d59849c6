// Tests of the words for runs and for their outcomes.
import { expect, test } from "vitest";

import type { RunPartsFragment } from "../../gql/graphql";
import { aRun, SYDNEY } from "../../testing/facts";
import { ATTEMPT } from "../../text/words";
import { GROUPS, groupCounts, stateSentence, starterName, stateText } from "./run-words";

const AT = "2025-03-04T01:05:00Z";
const sentence = (special: Partial<RunPartsFragment>) => stateSentence(aRun(special), SYDNEY);

test("a run without an actor was started by the schedule", () => {
  expect(starterName({ actor: "Kim" })).toBe("Kim");
  expect(starterName({ actor: null })).toBe("Schedule");
});

test.each([
  ["PLANNING", "Preparing"],
  ["SENDING", "Sending"],
  ["FINISHED", "Finished"],
] as const)("the state %s reads as '%s'", (state, expected) => {
  expect(stateText({ state, stoppedAt: null })).toBe(expected);
});

test("a stopped run is stopping until it has finished", () => {
  expect(stateText({ state: "SENDING", stoppedAt: AT })).toBe("Stopping");
  expect(stateText({ state: "FINISHED", stoppedAt: AT })).toBe("Stopped");
});

test("a run in progress has no time in its sentence", () => {
  expect(sentence({ state: "SENDING" })).toBe("Sending.");
});

test("the time that a run finished is in the practice's time zone", () => {
  expect(sentence({ state: "FINISHED", finishedAt: AT })).toBe("Finished 4 Mar 2025, 12:05 pm.");
});

test("a stopping run says that waiting messages are being cancelled", () => {
  expect(sentence({ state: "SENDING", stoppedAt: AT, cancelled: 3 })).toBe(
    "Stopped 4 Mar 2025, 12:05 pm: cancelling what hasn’t gone yet.",
  );
});

test("a stopped run says whether any waiting messages were cancelled", () => {
  // given
  const stopped = { state: "FINISHED", stoppedAt: AT, finishedAt: AT } as const;
  // then
  expect(sentence({ ...stopped, cancelled: 3 })).toBe(
    "Stopped 4 Mar 2025, 12:05 pm: what hadn’t gone yet was cancelled.",
  );
  expect(sentence({ ...stopped, cancelled: 0 })).toBe(
    "Stopped 4 Mar 2025, 12:05 pm: everything had already gone.",
  );
});

test("every outcome of a message is in exactly one group", () => {
  // when
  const states = GROUPS.flatMap((group): string[] => [...group.states]);
  // then: DONE is for calls and letters, which are in no run
  expect(states.toSorted()).toEqual(
    Object.keys(ATTEMPT)
      .filter((state) => state !== "DONE")
      .toSorted(),
  );
});

test("groups that staff must deal with come first, and are open", () => {
  expect(GROUPS.filter((group) => group.open).map((group) => group.key)).toEqual([
    "unknown",
    "failed",
    "refused",
  ]);
  expect(GROUPS.map((group) => group.open)).toEqual([true, true, true, false, false, false, false]);
});

test("for a failed message, staff should call, write or correct the number", () => {
  expect(GROUPS.find((group) => group.key === "failed")?.toDo).toBe(
    "Call or write, or fix the number in your practice software.",
  );
});

test("each message is counted in one group, and a delivered one not as sent", () => {
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

test("sent is never negative when deliveries are ahead of the run's own numbers", () => {
  expect(groupCounts(aRun({ sent: 2 }), 3).sent).toBe(0);
});
