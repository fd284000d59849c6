// Tests of the consent question's texts and buttons.
import { fireEvent, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import { aRecall, PRIYA, stopped, TOM } from "../../testing/facts";
import { show } from "../../testing/screen";
import { ConsentDialog } from "./ConsentDialog";
import type { Selected } from "./selection";
import type { Draft } from "./use-send-preview";
import type { Sending } from "./use-sending";

// All browsers have it, but Node only from version 21.
Map.groupBy ??= (items, keyOf) => {
  const groups = new Map();
  let index = 0;
  for (const item of items) {
    const key = keyOf(item, index);
    groups.set(key, [...(groups.get(key) ?? []), item]);
    index += 1;
  }
  return groups;
};

const WHY = "Does not wish to be contacted by SMS";
const UNREADABLE = "Best Practice does not share SMS consent";

const decide = vi.fn<(ticked: readonly Selected[]) => void>();
const cancel = vi.fn<() => void>();

function ask(recalls: Selected[], others: number, error = "", drafts: Draft[] = []): void {
  const sending = { asking: { recalls, others }, busy: false, error, decide, cancel };
  show(<ConsentDialog sending={sending as unknown as Sending} drafts={drafts} />);
}
const asked = (id: string, why = WHY, patient: object = PRIYA): Selected => ({
  ...aRecall({ id, smsStatus: stopped("PMS_CONSENT_WITHHELD", why, true) }),
  patient: { ...PRIYA, birthDate: null, mobile: "+61491570006", ...patient },
});
const all = () => screen.getByRole("alertdialog").textContent;
const buttons = () =>
  [...document.querySelectorAll(".buttons button")].map((button) => button.textContent);
const press = (name: string) => fireEvent.click(screen.getByRole("button", { name }));

test("without a question no dialog is shown", () => {
  // when
  show(<ConsentDialog sending={{ asking: null } as Sending} drafts={[]} />);
  // then
  expect(screen.queryByRole("alertdialog")).toBeNull();
});

test("one recall is shown with the reason, and that nothing has been sent", () => {
  // when
  ask([asked("Recall:1")], 0);
  // then
  expect(all()).toContain("Check this patient first. Nothing has been sent yet.");
  expect(screen.getByRole("heading", { level: 3 }).textContent).toBe(WHY);
  expect(screen.getByRole("listitem").textContent).toBe(
    "Priya Nair · 0491 570 006Skin checkThey said no",
  );
});

test("several recalls are grouped by their reason", () => {
  // when
  const ann = { id: "Patient:3", firstName: "Ann" };
  ask([asked("Recall:1"), asked("Recall:2", UNREADABLE, ann), asked("Recall:3", WHY, TOM)], 0);
  // then
  expect(all()).toContain("Check these 3 patients first. Nothing has been sent yet.");
  const found = [...document.querySelectorAll(".consent-list section")].map((section) => [
    section.querySelector("h3")?.textContent,
    section.querySelectorAll("li").length,
  ]);
  expect(found).toEqual([
    [WHY, 2],
    [UNREADABLE, 1],
  ]);
});

const tick = (name: string) =>
  fireEvent.click(screen.getByRole("checkbox", { name: new RegExp(name) }));

test("nobody is ticked, and without others there is nothing to send yet", () => {
  // when
  ask([asked("Recall:1")], 0);
  // then
  expect(screen.getByRole<HTMLInputElement>("checkbox").checked).toBe(false);
  expect(buttons()).toEqual(["Don’t send"]);
});

test("with nobody ticked, the button says how many others there are", () => {
  // when
  ask([asked("Recall:1")], 1001);
  // then
  expect(buttons()).toEqual(["Don’t send", "Send to the 1,001 others"]);
});

test("the button says how many are ticked", () => {
  // given
  ask([asked("Recall:1"), asked("Recall:2", WHY, TOM)], 3);
  // when
  tick("Tom");
  // then
  expect(buttons()).toEqual(["Don’t send", "Send to 4 (1 you ticked)"]);
});

test("a patient with two recalls is asked about once, and both are sent", () => {
  // given
  ask([asked("Recall:1"), asked("Recall:2")], 0);
  // when
  tick("Priya");
  press("Send to the one you ticked");
  // then
  expect(decide.mock.calls[0]?.[0].map(({ id }) => id)).toEqual(["Recall:1", "Recall:2"]);
});

test("what isn’t ticked isn’t sent", () => {
  // given
  ask([asked("Recall:1"), asked("Recall:2", WHY, TOM)], 1);
  // when
  press("Send to the other");
  // then
  expect(decide).toHaveBeenCalledWith([]);
});

test("the first button sends nothing", () => {
  // given
  ask([asked("Recall:1")], 1);
  // when
  press("Don’t send");
  // then
  expect(cancel).toHaveBeenCalledOnce();
  expect(decide).not.toHaveBeenCalled();
});

test("the preview has only the messages of those ticked", () => {
  // given
  const draft = (patient: typeof PRIYA): Draft => ({
    patient,
    mobile: "+61491570006",
    recalls: 1,
    text: { body: `Hi ${patient.firstName}`, segments: 1, encoding: "GSM7", beyondGsm7: "" },
  });
  // when
  ask([asked("Recall:1", WHY, TOM)], 1, "", [draft(PRIYA), draft(TOM)]);
  tick("Tom");
  // then
  expect(all()).toContain("Hi Tom");
  expect(all()).not.toContain("Hi Priya");
});

test("an error is shown in the dialog", () => {
  // when
  ask([asked("Recall:1")], 0, "Recalls can’t be reached just now.");
  // then
  expect(screen.getByRole("alert").textContent).toBe("Recalls can’t be reached just now.");
});
