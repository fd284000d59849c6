// Tests of the first steps: each is ticked by what is really there.
import { expect, test } from "vitest";

import type { FirstStepsQuery } from "../../gql/graphql";
import { stepsOf } from "./FirstSteps";

/** A practice that nothing is set up for, but for its admin's and its software's tokens. */
const NEW: FirstStepsQuery = {
  categories: [],
  practice: {
    id: "Practice:1",
    preferences: { firstContactDays: 14, sendFrom: "09:00", sendUntil: "16:00" },
  },
  people: [],
  accessTokens: [
    { id: "AccessToken:1", role: "ADMIN", revokedAt: null, expiresAt: null },
    { id: "AccessToken:2", role: "CONNECTOR", revokedAt: null, expiresAt: null },
  ],
  runs: { totalCount: 0 },
};
const done = (data: FirstStepsQuery, recalls: number) =>
  stepsOf(data, recalls)
    .filter((step) => step.done)
    .map(({ name }) => name);

test("a new practice has only its timing", () => {
  expect(done(NEW, 0)).toEqual(["Check the timing"]);
});

test("each step is ticked once it is done", () => {
  // given
  const ready: FirstStepsQuery = {
    ...NEW,
    categories: [{ id: "Category:1" }],
    people: [{ id: "Person:1", revokedAt: null }],
    runs: { totalCount: 1 },
  };
  // then
  expect(done(ready, 1).length).toBe(5);
});

test("those who can't sign in any more don't count", () => {
  // given
  const [admin] = NEW.accessTokens;
  const left: FirstStepsQuery = {
    ...NEW,
    people: [{ id: "Person:1", revokedAt: "2026-11-01T00:00:00Z" }],
    accessTokens: [admin!, { ...admin!, expiresAt: "2020-01-01T00:00:00Z" }],
  };
  // then
  expect(done(left, 0)).not.toContain("Choose who gets in");
});
