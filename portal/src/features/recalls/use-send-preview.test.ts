// Tests of the send preview: from the list's rows at first, then from the API.
import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test } from "vitest";

import { SendPreviewDocument, type SendPreviewQuery } from "../../gql/graphql";
import { type Api, anApi } from "../../testing/api";
import { aRecall, CLEAR, PRIYA, stopped } from "../../testing/facts";
import { later } from "../../testing/later";
import { aMoment, following } from "../../testing/news";
import { Around } from "../../testing/screen";
import type { Selected } from "./selection";
import { type Draft, useSendPreview } from "./use-send-preview";

type Preview = Extract<SendPreviewQuery["sendPreview"], { __typename: "SendPreview" }>;

const BLOCKED = stopped("BLOCKED_COMMUNICATION", "blocked");
const MISSING = stopped("MOBILE_MISSING", "missing");
const WITHHELD = stopped("PMS_CONSENT_WITHHELD", "withheld", true);

let api: Api;
let news: ReturnType<typeof following>;
beforeEach(() => {
  api = anApi();
  news = following();
});
afterEach(() => news.end());

const draft = (id: string): Draft => ({
  patient: { ...PRIYA, id },
  mobile: "+61491570006",
  recalls: 1,
  text: { body: "Hi", segments: 1, encoding: "GSM7", beyondGsm7: "" },
});
const says = (special: Partial<Preview> = {}): SendPreviewQuery => ({
  sendPreview: {
    __typename: "SendPreview",
    messages: 0,
    segments: 0,
    skipped: 0,
    toConfirm: [],
    refusals: [],
    drafts: [],
    ...special,
  },
});

/** Return `number` recalls of different patients, all with this SMS status. */
function some(number: number, smsStatus: Selected["smsStatus"] = CLEAR) {
  const found = new Map<string, Selected>();
  for (let each = 0; each < number; each += 1) {
    const id = `Recall:${each} ${smsStatus.reason ?? ""}`;
    const patient = { ...PRIYA, id: `Patient of ${id}`, birthDate: null, mobile: null };
    found.set(id, { ...aRecall({ id, smsStatus }), patient });
  }
  return found;
}
function open(selected: ReadonlyMap<string, Selected>) {
  const { result, rerender } = renderHook(useSendPreview, {
    initialProps: selected,
    wrapper: Around,
  });
  return { now: () => result.current, select: rerender };
}

test("until the API has answered, the list's rows say what can't be sent", () => {
  // given
  const selected = new Map([
    ...some(1),
    ...some(1, MISSING),
    ...some(2, BLOCKED),
    ...some(1, WITHHELD),
  ]);
  // then
  expect(open(selected).now()).toMatchObject({
    messages: null,
    segments: null,
    sendable: true,
    refusals: [
      { reason: "BLOCKED_COMMUNICATION", count: 2 },
      { reason: "MOBILE_MISSING", count: 1 },
    ],
    toConfirm: [{ reason: "PMS_CONSENT_WITHHELD", count: 1 }],
  });
});

test("if all are blocked, nothing can be sent even before the API has answered", () => {
  expect(open(some(2, BLOCKED)).now().sendable).toBe(false);
});

test("a recall that staff are asked about first can be sent", () => {
  expect(open(some(1, WITHHELD)).now().sendable).toBe(true);
});

test("the API's answer replaces what the rows say", async () => {
  // given
  api
    .on(SendPreviewDocument)
    .answers(() => says({ messages: 2, segments: 3, skipped: 1, drafts: [draft("Patient:1")] }));
  // when
  const preview = open(some(3));
  // then
  await expect.poll(() => preview.now().messages).toBe(2);
  expect(preview.now()).toMatchObject({
    segments: 3,
    skipped: 1,
    sendable: true,
    error: "",
  });
  expect(preview.now().drafts).toEqual([draft("Patient:1")]);
});

test("nothing can be sent if the API finds no message", async () => {
  // given: the list doesn't know yet that a message is on its way
  api.on(SendPreviewDocument).answers(() => says({ skipped: 1 }));
  // when
  const preview = open(some(1));
  // then
  expect(preview.now().sendable).toBe(true);
  await expect.poll(() => preview.now().sendable).toBe(false);
});

test("the answers for several runs are added up, with the most frequent reason first", async () => {
  // given
  const answers = [
    says({
      messages: 990,
      segments: 1000,
      refusals: [{ reason: "MOBILE_MISSING", count: 2 }],
      toConfirm: [{ reason: "PMS_CONSENT_WITHHELD", count: 1 }],
      drafts: [draft("Patient:1"), draft("Patient:2")],
    }),
    says({
      messages: 1,
      segments: 1,
      skipped: 1,
      refusals: [
        { reason: "BLOCKED_COMMUNICATION", count: 4 },
        { reason: "MOBILE_MISSING", count: 1 },
      ],
      toConfirm: [{ reason: "PMS_CONSENT_WITHHELD", count: 1 }],
      drafts: [draft("Patient:3"), draft("Patient:4")],
    }),
  ];
  api.on(SendPreviewDocument).answers(() => answers.shift() as SendPreviewQuery);
  // when
  const preview = open(some(1001));
  // then
  await expect.poll(() => preview.now().messages).toBe(991);
  expect(preview.now()).toMatchObject({
    segments: 1001,
    skipped: 1,
    refusals: [
      { reason: "BLOCKED_COMMUNICATION", count: 4 },
      { reason: "MOBILE_MISSING", count: 3 },
    ],
    toConfirm: [{ reason: "PMS_CONSENT_WITHHELD", count: 2 }],
  });
  expect(preview.now().drafts.map(({ patient }) => patient.id)).toEqual([
    "Patient:1",
    "Patient:2",
    "Patient:3",
  ]);
});

test("an empty selection asks the API nothing", async () => {
  // when
  open(new Map());
  await aMoment(200);
  // then
  expect(api.asked(SendPreviewDocument)).toEqual([]);
});

test("an answer about another selection is ignored", async () => {
  // given
  const old = later<SendPreviewQuery>();
  api
    .on(SendPreviewDocument)
    .answers(({ recallIds }) =>
      Array.isArray(recallIds) && recallIds.length === 1 ? old.promise : says({ messages: 2 }),
    );
  const preview = open(some(1));
  await expect.poll(() => api.asked(SendPreviewDocument).length).toBe(1);
  preview.select(some(2));
  // when
  await act(async () => old.keep(says({ messages: 1 })));
  // then
  await expect.poll(() => preview.now().messages).toBe(2);
});

test("a change while the preview is being read is not missed", async () => {
  // given: the answer in progress is from before the change
  const late = later<SendPreviewQuery>();
  let reads = 0;
  api.on(SendPreviewDocument).answers(() => {
    reads += 1;
    return reads === 1 ? late.promise : says({ messages: 1 });
  });
  const preview = open(some(3));
  await expect.poll(() => reads).toBe(1);
  // when
  news.everythingChanged();
  await aMoment();
  expect(reads).toBe(1);
  late.keep(says({ messages: 3 }));
  // then
  await expect.poll(() => preview.now().messages).toBe(1);
});

test("a lost connection shows an error along with what the rows say", async () => {
  // when
  const preview = open(some(1, WITHHELD));
  // then
  await expect.poll(() => preview.now().error).toMatch(/^We can’t reach the server/);
  expect(preview.now()).toMatchObject({ messages: null, sendable: true });
});

test("recalls that the practice doesn't have are an error", async () => {
  // given
  api.on(SendPreviewDocument).answers(() => ({
    sendPreview: { __typename: "UnknownRecalls", message: "There is no such recall." },
  }));
  // when
  const preview = open(some(1));
  // then
  await expect.poll(() => preview.now().error).toBe("There is no such recall.");
});
