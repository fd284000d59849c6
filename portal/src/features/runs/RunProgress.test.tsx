// Tests of a run's progress and outcomes.
import { expect, test } from "vitest";

import { aRun } from "../../testing/facts";
import { markup, text } from "../../testing/shown";
import { outcome, RunProgress, sum } from "./RunProgress";

test("outcomes without messages are left out", () => {
  expect(outcome(aRun({ sent: 9, failed: 2 }))).toBe("9 sent, 2 failed");
});

test("outcomes have a fixed order and wording", () => {
  expect(outcome(aRun({ sent: 1200, refused: 1, failed: 2, unknown: 3, cancelled: 4 }))).toBe(
    "1,200 sent, 2 failed, 3 not confirmed, 1 blocked, 4 cancelled",
  );
});

test("the numbers of several runs are added up", () => {
  // given
  const one = aRun({
    planned: 28,
    queued: 1,
    sent: 2,
    refused: 3,
    failed: 4,
    unknown: 5,
    cancelled: 6,
  });
  const other = aRun({ planned: 5, queued: 5 });
  // then
  expect(sum([one, other])).toEqual({
    planned: 33,
    queued: 6,
    sent: 2,
    refused: 3,
    failed: 4,
    unknown: 5,
    cancelled: 6,
  });
});

test("progress counts the messages that are no longer queued", () => {
  // given
  const bar = <RunProgress run={aRun({ planned: 10, queued: 3 })} label="Progress" />;
  // then
  expect(text(bar)).toBe("7 of 10 SMS");
  expect(markup(bar)).toContain('max="10" value="7"');
});

test("blocked messages aren't part of the progress, as they never go", () => {
  // when
  const bar = <RunProgress run={aRun({ planned: 20, refused: 6, queued: 4 })} label="Progress" />;
  // then
  expect(text(bar)).toBe("10 of 14 SMS");
});

test("a run that isn't planned yet has an empty bar", () => {
  expect(markup(<RunProgress run={aRun()} label="Progress" />)).toContain('max="1" value="0"');
});
