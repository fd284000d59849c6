// Tests of the drawer with everything about one recall.
import { fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";

import {
  RecallDetailsDocument,
  RemoveConsentChecksDocument,
  ReopenRecallsDocument,
  UndoContactsDocument,
} from "../../gql/graphql";
import { type Api, anApi } from "../../testing/api";
import { aRecall, PRIYA, stopped, TOM } from "../../testing/facts";
import { show } from "../../testing/screen";
import { type Details, RecallDrawer } from "./RecallDrawer";

type Attempt = Details["attempts"][number];

const patient: Details["patient"] = {
  ...PRIYA,
  mobile: "+61491570006",
  mobileTyped: "0491570006",
  mobileProblem: null,
  birthDate: null,
  recordNumber: "4711",
  consentCheckedAt: null,
  consentCheckedBy: null,
  sharesMobileWith: [],
};
const attempt = (special: Partial<Attempt> = {}): Attempt => ({
  id: crypto.randomUUID(),
  kind: "SMS",
  trigger: "MANUAL",
  state: "SENT",
  createdAt: "2025-03-04T01:05:00Z",
  actor: "Kim",
  overridden: null,
  cancellation: null,
  failure: null,
  lookedUp: false,
  mobile: "+61491570006",
  body: null,
  note: null,
  refusal: null,
  ...special,
});

let api: Api;
beforeEach(() => {
  api = anApi();
});

async function open(
  special: Partial<Details> = {},
  onBlock: (mobile: string) => void = () => {},
): Promise<string> {
  api.on(RecallDetailsDocument).answers(() => ({
    node: { ...aRecall(), __typename: "Recall", patient, attempts: [], ...special },
  }));
  show(<RecallDrawer id="Recall:1" onClose={() => {}} onBlock={onBlock} onAct={() => {}} />);
  await screen.findByRole("heading", { name: "Priya Nair" });
  return screen.getByRole("dialog").textContent ?? "";
}
const attempts = () =>
  [...document.querySelectorAll(".attempts > li")].map((each) => each.textContent);

test("a recall that the practice doesn't have says so", async () => {
  // given
  api.on(RecallDetailsDocument).answers(() => ({ node: null }));
  // when
  show(<RecallDrawer id="Recall:404" onClose={vi.fn()} onBlock={vi.fn()} onAct={vi.fn()} />);
  // then
  await screen.findByText("We can’t find that recall.");
});

test("a recall shows its reason, due date and state", async () => {
  // when
  const all = await open({
    dueDate: "2020-03-04",
    patient: { ...patient, birthDate: "1980-02-01" },
  });
  // then
  expect(all).toContain("ReasonSkin check · Skin checksDue4 Mar 2020 · ");
  expect(all).toMatch(
    /StatusTo actionDate of birth1 Feb 1980 · \d+Record number4711Mobile0491 570 006/,
  );
});

test("an unusable number is shown as typed, with the problem", async () => {
  // when
  const all = await open({
    patient: { ...patient, mobile: null, mobileTyped: "04", mobileProblem: "It is too short." },
    smsStatus: stopped("MOBILE_INVALID", "Mobile number invalid"),
  });
  // then
  expect(all).toContain("04 · It is too short.Mobile number invalid");
  expect(screen.queryByRole("link")).toBeNull();
});

test("other patients whom the number reaches are shown", async () => {
  expect(await open({ patient: { ...patient, sharesMobileWith: [TOM] } })).toContain(
    "Number shared withTom Nair",
  );
});

test("a number can be blocked from here", async () => {
  // given
  const onBlock = vi.fn<(mobile: string) => void>();
  await open({}, onBlock);
  // when
  fireEvent.click(screen.getByRole("button", { name: "Block this number" }));
  // then
  expect(onBlock).toHaveBeenCalledWith("+61491570006");
});

test("a closed recall can be reopened", async () => {
  // given
  api
    .on(ReopenRecallsDocument)
    .answers(() => ({ reopenRecalls: { __typename: "Reopened", recalls: [] } }));
  await open({ state: "NO_FURTHER_ACTION" });
  // when
  fireEvent.click(screen.getByRole("button", { name: "Reopen" }));
  // then
  await expect
    .poll(() => api.asked(ReopenRecallsDocument))
    .toEqual([{ input: { recallIds: ["Recall:1"] } }]);
});

test("a call can be undone, an SMS can’t", async () => {
  // given
  api
    .on(UndoContactsDocument)
    .answers(() => ({ undoContactAttempts: { __typename: "Undone", attempts: [] } }));
  await open({
    attempts: [attempt(), attempt({ id: "ContactAttempt:7", kind: "PHONE", state: "DONE" })],
  });
  // when
  fireEvent.click(screen.getByRole("button", { name: /^Undo: Called/ }));
  // then
  await expect
    .poll(() => api.asked(UndoContactsDocument))
    .toEqual([{ input: { attemptIds: ["ContactAttempt:7"] } }]);
});

test("it says who checked consent, and can ask again", async () => {
  // given
  api
    .on(RemoveConsentChecksDocument)
    .answers(() => ({ removeConsentChecks: { __typename: "ConsentChecks", patients: [] } }));
  const all = await open({
    patient: {
      ...patient,
      consentCheckedAt: "2025-03-04T01:05:00Z",
      consentCheckedBy: "Kim",
    },
  });
  // when
  fireEvent.click(screen.getByRole("button", { name: "Ask again next time" }));
  // then
  expect(all).toContain("Consent to SMS checked by Kim, 4 Mar 2025");
  await expect
    .poll(() => api.asked(RemoveConsentChecksDocument))
    .toEqual([{ input: { patientIds: ["Patient:1"] } }]);
});

test("a blocked number links to its entry on the blocklist", async () => {
  // when
  await open({ smsStatus: stopped("BLOCKED_COMMUNICATION", "blocked") });
  // then
  expect(screen.getByRole("link").textContent).toBe("View block");
});

test.each([
  ["TO_ACTION", 3],
  ["WAITING", 3],
  ["COMPLETED", 0],
  ["NO_FURTHER_ACTION", 0],
] as const)("a recall that is %s has %d actions", async (state, ways) => {
  // when
  await open({ state });
  // then
  expect(screen.queryAllByRole("button", { name: /^(Record|No further)/ }).length).toBe(ways);
});

test("a patient who has died isn't to be called or written to", async () => {
  // when
  await open({
    smsStatus: stopped("PATIENT_DECEASED", "The patient has died; do not contact them"),
  });
  // then
  expect(screen.queryByRole("button", { name: /^Record/ })).toBeNull();
  expect(screen.getByRole("button", { name: "No further action" })).toBeTruthy();
});

test("attempts are listed newest first, with who made them and when", async () => {
  // when
  const all = await open({
    attempts: [
      attempt({ state: "DELIVERED", body: "Hi Priya", actor: null }),
      attempt({
        kind: "PHONE",
        state: "DONE",
        note: "Left a message",
        createdAt: "2025-03-05T01:05:00Z",
      }),
    ],
  });
  // then
  expect(all).toContain("Contact history");
  expect(attempts()).toEqual([
    "Called · 5 Mar 2025, 12:05 pm · Kim UndoLeft a message",
    "SMS delivered · 4 Mar 2025, 12:05 pm · automated runHi Priya",
  ]);
});

test("a recall without attempts says so", async () => {
  expect(await open()).toContain("Not contacted yet");
});

test.each([
  [{ state: "REFUSED", refusal: { message: "No mobile number" } }, "No mobile number"],
  [{ state: "CANCELLED", cancellation: "RUN_STOPPED" }, "Undone or stopped before it was sent."],
  [{ overridden: "PMS_CONSENT_WITHHELD" }, "Sent although the file says: no SMS"],
  [{ state: "FAILED", failure: "21610" }, "Block this number, then call or write."],
  [{ state: "UNKNOWN", lookedUp: true }, "We haven’t heard back and are checking."],
  [{ state: "UNKNOWN" }, "We can’t tell whether this arrived. Call before you text again"],
] as const)("an attempt shows how it went: %o", async (special, expected) => {
  // when
  await open({ attempts: [attempt(special)] });
  // then
  expect(attempts()[0]).toContain(expected);
});

test("a successful attempt has no further explanation", async () => {
  // when
  await open({ attempts: [attempt({ state: "DELIVERED" })] });
  // then
  expect(attempts()).toEqual(["SMS delivered · 4 Mar 2025, 12:05 pm · Kim"]);
});
