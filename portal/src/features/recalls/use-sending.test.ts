// Tests of sending the selected: staff are asked when necessary, and nothing is sent twice.
import { act, renderHook } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";

import {
  RecordConsentChecksDocument,
  SendRecallsDocument,
  type SendRecallsMutation,
} from "../../gql/graphql";
import { type Api, anApi } from "../../testing/api";
import { aRecall, aRun, PRIYA, stopped } from "../../testing/facts";
import { Around } from "../../testing/screen";
import { useStarted } from "../runs/watched";
import type { Selected } from "./selection";
import { useSending } from "./use-sending";

type Result = SendRecallsMutation["sendRecalls"];

const WITHHELD = stopped("PMS_CONSENT_WITHHELD", "withheld", true);
const onSent = vi.fn<(ids: readonly string[]) => void>();

let api: Api;
beforeEach(() => {
  api = anApi();
});

const watched = () => renderHook(useStarted).result.current;

const aSelected = (id: string, special: Partial<Selected> = {}): Selected => ({
  ...aRecall({ id }),
  patient: { ...PRIYA, id: `Patient of ${id}`, birthDate: null, mobile: null },
  ...special,
});
/** Return `number` recalls, followed by those that staff are asked about. */
function some(number: number, ...asked: Selected[]): ReadonlyMap<string, Selected> {
  const clear = Array.from({ length: number }, (_, each) => aSelected(`Recall:${each}`));
  return new Map([...clear, ...asked].map((each) => [each.id, each]));
}
const ASKED = aSelected("Recall:asked", { smsStatus: WITHHELD });

function open(selected: ReadonlyMap<string, Selected>) {
  const { result } = renderHook(() => useSending(selected, onSent), { wrapper: Around });
  return {
    now: () => result.current,
    /** Start or decide, and wait until it is done. */
    async does(what: (sending: typeof result.current) => void) {
      act(() => what(result.current));
      await expect.poll(() => result.current.busy).toBe(false);
    },
  };
}
const inputs = () => api.asked(SendRecallsDocument).map(({ input }) => input);
function answers(...results: (Result | "cut")[]): void {
  api.on(SendRecallsDocument).answers(() => {
    const result = results.shift();
    if (!result || result === "cut") throw new TypeError("nobody is there");
    return { sendRecalls: result };
  });
}
const run = (id: string): Result => ({ __typename: "Run", ...aRun({ id }) });
const question = (sendable: number, ...recalls: Selected[]): Result => ({
  __typename: "ConsentConfirmationRequired",
  message: "",
  sendable,
  recalls,
  refusals: [],
});

test("sending the selection holds it for ten seconds and shows the run", async () => {
  // given
  answers(run("Run:1"));
  const sending = open(some(2));
  // when
  await sending.does(({ start }) => start());
  // then
  expect(inputs()).toEqual([
    {
      recallIds: ["Recall:0", "Recall:1"],
      proceedWithoutConsent: false,
      holdSeconds: 10,
      idempotencyKey: expect.any(String),
    },
  ]);
  expect(onSent).toHaveBeenCalledWith(["Recall:0", "Recall:1"]);
  expect(watched().map(({ key }) => key)).toEqual(["Run:1"]);
  expect(sending.now().error).toBe("");
});

test("a lost answer is requested again with the same key", async () => {
  // given
  answers("cut", run("Run:1"));
  const sending = open(some(1));
  // when
  await sending.does(({ start }) => start());
  // then
  const keys = inputs().map(({ idempotencyKey }) => idempotencyKey);
  expect(keys.length).toBe(2);
  expect(new Set(keys).size).toBe(1);
  expect(watched().length).toBe(1);
});

test("if no answer arrives at all, the next press uses the same key", async () => {
  // given
  answers("cut", "cut", run("Run:1"));
  const sending = open(some(1));
  await sending.does(({ start }) => start());
  expect(sending.now().error).toMatch(/^We can’t reach the server/);
  // when
  await sending.does(({ start }) => start());
  // then
  expect(new Set(inputs().map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
});

test("after an accepted send, the next one has a new key", async () => {
  // given
  answers(run("Run:1"), run("Run:2"));
  const sending = open(some(1));
  await sending.does(({ start }) => start());
  // when
  await sending.does(({ start }) => start());
  // then
  expect(new Set(inputs().map(({ idempotencyKey }) => idempotencyKey)).size).toBe(2);
});

test("if consent is withheld, staff are asked and nothing is sent", async () => {
  // given
  answers(question(1, ASKED));
  const sending = open(some(1, ASKED));
  // when
  await sending.does(({ start }) => start());
  // then
  expect(sending.now().asking).toEqual({ recalls: [ASKED], others: 1 });
  expect(onSent).not.toHaveBeenCalled();
  expect(watched()).toEqual([]);
});

test("recalls asked about are left out if staff decide so", async () => {
  // given
  answers(question(1, ASKED), run("Run:1"));
  const sending = open(some(1, ASKED));
  await sending.does(({ start }) => start());
  // when
  await sending.does(({ decide }) => decide([]));
  // then
  expect(inputs()[1]).toMatchObject({ recallIds: ["Recall:0"], proceedWithoutConsent: false });
  expect(sending.now().asking).toBeNull();
});

test("recalls that staff proceed with are sent as confirmed", async () => {
  // given
  answers(question(1, ASKED), run("Run:1"));
  const sending = open(some(1, ASKED));
  await sending.does(({ start }) => start());
  // when
  await sending.does(({ decide }) => decide([ASKED]));
  // then
  expect(inputs()[1]).toMatchObject({
    recallIds: ["Recall:0", "Recall:asked"],
    proceedWithoutConsent: true,
    confirmedRecallIds: ["Recall:asked"],
  });
});

test("those whose consent staff looked up in the PMS are remembered before the send", async () => {
  // given
  const hidden = aSelected("Recall:hidden", {
    smsStatus: stopped("PMS_CONSENT_UNREADABLE", "hidden", true),
  });
  api
    .on(RecordConsentChecksDocument)
    .answers(() => ({ recordConsentChecks: { __typename: "ConsentChecks", patients: [] } }));
  answers(question(0, ASKED, hidden), run("Run:1"));
  const sending = open(some(0, ASKED, hidden));
  await sending.does(({ start }) => start());
  // when
  await sending.does(({ decide }) => decide([ASKED, hidden]));
  // then
  expect(api.asked(RecordConsentChecksDocument)).toEqual([
    { input: { patientIds: ["Patient of Recall:hidden"] } },
  ]);
  expect(inputs()[1]?.confirmedRecallIds).toEqual(["Recall:asked", "Recall:hidden"]);
});

test("sending after a decision uses a new key", async () => {
  // given
  answers(question(0, ASKED), run("Run:1"));
  const sending = open(some(0, ASKED));
  await sending.does(({ start }) => start());
  // when
  await sending.does(({ decide }) => decide([ASKED]));
  // then
  expect(new Set(inputs().map(({ idempotencyKey }) => idempotencyKey)).size).toBe(2);
});

test("cancelling sends nothing", async () => {
  // given
  answers(question(1, ASKED));
  const sending = open(some(1, ASKED));
  await sending.does(({ start }) => start());
  // when
  act(() => sending.now().cancel());
  // then
  expect(sending.now().asking).toBeNull();
  expect(inputs().length).toBe(1);
});

test("a decision without a question does nothing", async () => {
  // given
  const sending = open(some(1));
  // when
  await sending.does(({ decide }) => decide([ASKED]));
  // then
  expect(inputs()).toEqual([]);
});

test("with more than one run, staff are asked before anything is sent", async () => {
  // given: the recall that staff are asked about comes last, so it is in the second run
  answers(run("Run:1"), run("Run:2"));
  const sending = open(some(1001, ASKED));
  // when
  await sending.does(({ start }) => start());
  // then
  expect(inputs()).toEqual([]);
  expect(sending.now().asking).toEqual({ recalls: [ASKED], others: 1001 });
  // when
  await sending.does(({ decide }) => decide([]));
  // then
  expect(inputs().map(({ recallIds }) => recallIds.length)).toEqual([1000, 1]);
  expect(inputs().flatMap(({ recallIds }) => recallIds)).not.toContain("Recall:asked");
  expect(watched().map(({ key }) => key)).toEqual(["Run:1,Run:2"]);
});

test("if the API asks between two runs, the first is shown and not sent again", async () => {
  // given: consent was withdrawn while the first run was being accepted
  answers(run("Run:1"), question(0, aSelected("Recall:1000", { smsStatus: WITHHELD })));
  const sending = open(some(1001));
  // when
  await sending.does(({ start }) => start());
  // then
  expect(onSent.mock.calls.map(([ids]) => ids.length)).toEqual([1000]);
  expect(watched().map(({ key }) => key)).toEqual(["Run:1"]);
  expect(sending.now().asking).toMatchObject({ others: 0, recalls: [{ id: "Recall:1000" }] });
});

test("if the second run fails, the first is shown all the same", async () => {
  // given
  answers(run("Run:1"), "cut", "cut");
  const sending = open(some(1001));
  // when
  await sending.does(({ start }) => start());
  // then
  expect(watched().map(({ key }) => key)).toEqual(["Run:1"]);
  expect(sending.now().error).toMatch(/^We can’t reach the server/);
});

test.each([
  ["NothingToSend", "Nothing was sent."],
  ["UnknownRecalls", "There is no such recall."],
] as const)("%s is shown as an error", async (__typename, message) => {
  // given
  answers({ __typename, message, refusals: [] });
  const sending = open(some(1));
  // when
  await sending.does(({ start }) => start());
  // then
  expect(sending.now().error).toBe(message);
  expect(watched()).toEqual([]);
});
