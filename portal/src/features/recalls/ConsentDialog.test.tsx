// Tests of the consent question's texts and buttons.
import { fireEvent, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import { aRecall, PRIYA, stopped, TOM } from "../../testing/facts";
import { show } from "../../testing/screen";
import { ConsentDialog } from "./ConsentDialog";
import type { Selected } from "./selection";
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

const decide = vi.fn<(proceed: boolean) => void>();
const cancel = vi.fn<() => void>();

function ask(recalls: Selected[], others: number, error = ""): void {
  const sending = { asking: { recalls, others }, busy: false, error, decide, cancel };
  show(<ConsentDialog sending={sending as unknown as Sending} drafts={[]} />);
}
const asked = (id: string, why = WHY, patient: object = PRIYA): Selected => ({
  ...aRecall({ id, smsStatus: stopped("PMS_CONSENT_WITHHELD", why, true) }),
  patient: { ...PRIYA, mobile: "+61491570006", ...patient },
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
  expect(all()).toContain("1 recall needs your decision. Nothing has been sent for it.");
  expect(screen.getByRole("heading", { level: 3 }).textContent).toBe(WHY);
  expect(screen.getByRole("listitem").textContent).toBe("Priya Nair · Skin check · 0491 570 006");
});

test("several recalls are grouped by their reason", () => {
  // when
  ask([asked("Recall:1"), asked("Recall:2", UNREADABLE), asked("Recall:3", WHY, TOM)], 0);
  // then
  expect(all()).toContain("3 recalls need your decision. Nothing has been sent for them.");
  const found = [...document.querySelectorAll(".asked")].map((section) => [
    section.querySelector("h3")?.textContent,
    section.querySelectorAll("li").length,
  ]);
  expect(found).toEqual([
    [WHY, 2],
    [UNREADABLE, 1],
  ]);
});

test("without others in the selection, there is no button to leave any out", () => {
  // when
  ask([asked("Recall:1")], 0);
  // then
  expect(buttons()).toEqual(["Cancel, send nothing", "Proceed and send to this person"]);
});

test("for one recall among others, the button says how many go without it", () => {
  // when
  ask([asked("Recall:1")], 1001);
  // then
  expect(buttons()).toEqual([
    "Cancel, send nothing",
    "Leave it out and send 1,001",
    "Proceed and send to this person too",
  ]);
});

test("for several among others, the buttons say how many go with and without them", () => {
  // when
  ask([asked("Recall:1"), asked("Recall:2")], 3);
  // then
  expect(buttons()).toEqual([
    "Cancel, send nothing",
    "Leave these out and send 3",
    "Proceed and send to these 2 too",
  ]);
});

test("each button makes its decision", () => {
  // given
  ask([asked("Recall:1")], 1);
  // when
  press("Leave it out and send 1");
  press("Proceed and send to this person too");
  press("Cancel, send nothing");
  // then
  expect(decide.mock.calls).toEqual([[false], [true]]);
  expect(cancel).toHaveBeenCalledOnce();
});

test("an error is shown in the dialog", () => {
  // when
  ask([asked("Recall:1")], 0, "Recalls can’t be reached just now.");
  // then
  expect(screen.getByRole("alert").textContent).toBe("Recalls can’t be reached just now.");
});
