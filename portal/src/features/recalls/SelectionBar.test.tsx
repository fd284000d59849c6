// Tests of what the selection bar says before anything happens.
import { expect, test } from "vitest";

import { aRecall, PRIYA, stopped } from "../../testing/facts";
import { markup, text } from "../../testing/shown";
import { SelectionBar } from "./SelectionBar";
import type { Selected } from "./selection";
import type { Selection } from "./use-selection";
import type { Preview } from "./use-send-preview";
import type { Sending } from "./use-sending";

const DRAFT = {
  patient: PRIYA,
  mobile: "+61491570006",
  recalls: 1,
  text: { body: "Hi Priya", segments: 1, encoding: "GSM7", beyondGsm7: "" },
} as const;

/** The bar for `selected` recalls, or for these `recalls`, with this preview. */
function aBar(
  preview: Partial<Preview>,
  { selected = 1, recalls = [] as Selected[], sending = {} as Partial<Sending> } = {},
) {
  const all = recalls.length
    ? recalls
    : Array.from({ length: selected }, (_, each) => aRecall({ id: `Recall:${each}` }));
  return (
    <SelectionBar
      selection={{ recalls: new Map(all.map((each) => [each.id, each])) } as unknown as Selection}
      preview={{
        messages: null,
        segments: null,
        skipped: 0,
        toConfirm: [],
        refusals: [],
        drafts: [],
        sendable: true,
        runs: 1,
        error: "",
        ...preview,
      }}
      sending={{ asking: null, busy: false, error: "", ...sending } as Sending}
      onContact={() => {}}
      onCloseRecalls={() => {}}
    />
  );
}

/** Return the send button's opening tag. */
const button = (bar: React.ReactNode) => /<button[^>]*class="primary"[^>]*>/.exec(markup(bar))?.[0];

test("the bar says how many messages and segments will be sent", () => {
  // given
  const bar = aBar({ messages: 1200, segments: 1300 }, { selected: 3 });
  // then
  expect(text(bar)).toContain("3 selected 1,200 messages will be sent (1,300 segments). SMS 1,200");
});

test("one message is in the singular", () => {
  expect(text(aBar({ messages: 1, segments: 1 }))).toContain("1 message will be sent (1 segment).");
});

test("a send in several runs says how many", () => {
  expect(text(aBar({ messages: 1002, segments: 1002, runs: 2 }))).toContain(
    "1,002 messages will be sent (1,002 segments), in 2 runs.",
  );
});

test("before the API has answered, no number is shown", () => {
  // when
  const bar = aBar({});
  // then
  expect(text(bar)).not.toContain("will be sent");
  expect(text(bar)).toContain("1 selected SMSCalled");
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
    "2 messages will be sent (2 segments). Can’t be sent: Blocked Recalls (1,300), No mobile number (1).",
  );
});

test("the bar says what staff will be asked about, and that the messages can be sent", () => {
  // given
  const toConfirm = [{ reason: "PMS_CONSENT_WITHHELD", count: 1 }] as const;
  // then
  expect(text(aBar({ messages: 2, segments: 2, toConfirm }))).toContain(
    "2 messages can be sent (2 segments). You’ll be asked first about: Does not wish to be contacted by SMS (1).",
  );
});

test("recalls that are closed or on their way are counted as left out", () => {
  expect(text(aBar({ messages: 1, segments: 1, skipped: 1 }))).toContain(
    "Left out: 1 recall closed or with a message on its way.",
  );
  expect(text(aBar({ messages: 1, segments: 1, skipped: 2 }))).toContain(
    "Left out: 2 recalls closed or with a message on their way.",
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
    "No SMS can be sent: Blocked Recalls (2), No mobile number (1). Call or write instead.",
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
    "No SMS can be sent: No mobile number (1); 2 recalls closed or with a message on its way.",
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

test("a preview is offered if there is one", () => {
  expect(text(aBar({}))).not.toContain("Preview");
  expect(text(aBar({ drafts: [DRAFT] }))).toContain("Preview");
});
