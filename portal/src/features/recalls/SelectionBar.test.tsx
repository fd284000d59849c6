// Tests of what the selection bar says before anything happens.
import { expect, test } from "vitest";

import type { RecallTab } from "../../gql/graphql";
import { aRecall, stopped } from "../../testing/facts";
import { markup, text } from "../../testing/shown";
import { SelectionBar } from "./SelectionBar";
import type { Selected } from "./selection";
import type { Selection } from "./use-selection";
import type { Preview } from "./use-send-preview";
import type { Sending } from "./use-sending";

/** The bar for `selected` recalls, or for these `recalls`, with this preview. */
function aBar(
  preview: Partial<Preview>,
  {
    tab = "TO_ACTION" as RecallTab,
    selected = 1,
    elsewhere = 0,
    recalls = [] as Selected[],
    sending = {} as Partial<Sending>,
  } = {},
) {
  const all = recalls.length
    ? recalls
    : Array.from({ length: selected }, (_, each) => aRecall({ id: `Recall:${each}` }));
  return (
    <SelectionBar
      tab={tab}
      selection={
        { recalls: new Map(all.map((each) => [each.id, each])), elsewhere } as unknown as Selection
      }
      preview={{
        messages: null,
        segments: null,
        skipped: 0,
        toConfirm: [],
        refusals: [],
        drafts: [],
        sendable: true,
        error: "",
        ...preview,
      }}
      sending={{ asking: null, busy: false, error: "", ...sending } as Sending}
      onAct={() => {}}
    />
  );
}

/** Return the send button's opening tag. */
const button = (bar: React.ReactNode) => /<button[^>]*class="primary"[^>]*>/.exec(markup(bar))?.[0];

test("the bar says how many messages and segments will be sent", () => {
  // given
  const bar = aBar({ messages: 1200, segments: 1300 }, { selected: 3 });
  // then
  expect(text(bar)).toContain("3 selected – 1,200 SMS (charged as 1,300).Send 1,200 SMS");
});

test("one message is in the singular", () => {
  expect(text(aBar({ messages: 1, segments: 1 }))).toContain("1 selected – 1 SMS.");
});

test("before the API has answered, no number is shown", () => {
  // when
  const bar = aBar({});
  // then
  expect(text(bar)).toContain("1 selectedSend SMSRecord call");
  expect(button(bar)).toContain('aria-disabled="false"');
});

test("recalls that can't be sent are counted by reason", () => {
  // given
  const refusals = [
    { reason: "BLOCKED_COMMUNICATION", count: 1300 },
    { reason: "MOBILE_MISSING", count: 1 },
  ] as const;
  // then
  expect(text(aBar({ messages: 2, segments: 2, refusals }))).toContain(
    "2 SMS. 1,301 can’t get SMS: 1,300 blocked, 1 no mobile.",
  );
});

test("the bar says what staff will be asked about, and that the messages can be sent", () => {
  // given
  const toConfirm = [{ reason: "PMS_CONSENT_WITHHELD", count: 1 }] as const;
  // then
  expect(text(aBar({ messages: 2, segments: 2, toConfirm }, { selected: 2 }))).toContain(
    "2 SMS, 1 to check first.",
  );
});

test("recalls that are closed or on their way are counted as left out", () => {
  expect(text(aBar({ messages: 1, segments: 1, skipped: 1 }))).toContain(
    "1 left out: closed, or an SMS is already on its way.",
  );
  expect(text(aBar({ messages: 1, segments: 1, skipped: 2 }))).toContain(
    "2 left out: closed, or an SMS is already on its way.",
  );
});

test("for one blocked recall, the rule's text says why, and SMS is greyed out", () => {
  // given
  const why = "Mobile number blocked in your blocked communication list";
  const recall = aRecall({ smsStatus: stopped("BLOCKED_COMMUNICATION", why) });
  const bar = aBar(
    { sendable: false, refusals: [{ reason: "BLOCKED_COMMUNICATION", count: 1 }] },
    { recalls: [recall] },
  );
  // then
  expect(text(bar)).toContain(`No SMS can be sent: ${why}. Call or write instead.`);
  expect(button(bar)).toContain('aria-disabled="true"');
});

test("for several blocked recalls, the reasons are counted", () => {
  // given
  const refusals = [
    { reason: "BLOCKED_COMMUNICATION", count: 2 },
    { reason: "MOBILE_MISSING", count: 1 },
  ] as const;
  // then
  expect(text(aBar({ sendable: false, refusals }, { selected: 3 }))).toContain(
    "No SMS can be sent: 2 blocked, 1 no mobile. Call or write instead.",
  );
});

test("staff aren't told to call a patient who has died", () => {
  // given
  const refusals = [
    { reason: "BLOCKED_COMMUNICATION", count: 1 },
    { reason: "PATIENT_DECEASED", count: 1 },
  ] as const;
  // then
  expect(text(aBar({ sendable: false, refusals }, { selected: 2 }))).not.toContain("Call or write");
});

test("blocked recalls are shown along with those closed or on their way", () => {
  // given
  const refusals = [{ reason: "MOBILE_MISSING", count: 1 }] as const;
  // then
  expect(text(aBar({ sendable: false, refusals, skipped: 2 }, { selected: 3 }))).toContain(
    "No SMS can be sent: 1 no mobile. 2 left out: closed, or an SMS is already on its way.",
  );
});

test("SMS is greyed out while a send is in progress", () => {
  expect(button(aBar({ messages: 1, segments: 1 }, { sending: { busy: true } }))).toContain(
    'aria-disabled="true"',
  );
});

test("an error is shown in the bar, unless the consent question shows it", () => {
  // given
  const asking = { recalls: [], others: 0 };
  // then
  expect(text(aBar({ error: "unreachable" }))).toContain("unreachable");
  expect(text(aBar({ error: "old" }, { sending: { error: "new" } }))).not.toContain("old");
  expect(text(aBar({}, { sending: { error: "new", asking } }))).not.toContain("new");
});

test("if staff are asked about all of them, the bar says so", () => {
  // given
  const toConfirm = [{ reason: "PMS_CONSENT_UNREADABLE", count: 2 }] as const;
  const refusals = [{ reason: "MOBILE_INVALID", count: 1 }] as const;
  // then
  expect(text(aBar({ messages: 2, segments: 2, toConfirm, refusals }, { selected: 3 }))).toContain(
    "2 SMS, all to check first. 1 can’t get SMS: 1 wrong number.",
  );
});

test("the bar says how many of the selected aren't in the list", () => {
  expect(text(aBar({}, { selected: 12, elsewhere: 9 }))).toContain(
    "12 selected, 9 not in this list",
  );
});

test.each([
  ["TO_ACTION", "Send 3 SMS"],
  ["CALLS", "Record 3 calls"],
  ["LETTERS", "Record 3 letters"],
  ["ALL", "Send 3 SMS"],
] as const)("in %s the main button is '%s', and comes first", (tab, name) => {
  // when
  const bar = aBar({ messages: 3, segments: 3 }, { tab, selected: 3 });
  // then
  expect(/<button.*?<\/button>/.exec(markup(bar))?.[0]).toMatch(
    new RegExp(`class="primary".*>${name}<`),
  );
});

test("calls and letters aren't offered for patients who have died, nor for closed recalls", () => {
  // given
  const recalls = [
    aRecall({ id: "Recall:1" }),
    aRecall({ id: "Recall:2" }),
    aRecall({ id: "Recall:3", smsStatus: stopped("PATIENT_DECEASED", "has died") }),
    aRecall({ id: "Recall:4", state: "COMPLETED" }),
  ];
  // then
  expect(text(aBar({}, { recalls }))).toContain("Record 2 callsRecord 2 letters");
});
