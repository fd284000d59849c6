// Tests of the question before an action: safe until answered, with its progress shown.
import { act, fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";

import { Failure } from "../api/errors";
import { later } from "../testing/later";
import { show } from "../testing/screen";
import { ConfirmDialog } from "./ConfirmDialog";

const cancel = vi.fn<() => void>();
const confirm = vi.fn<() => Promise<void>>();

beforeEach(() => confirm.mockResolvedValue());

function ask(special: Partial<React.ComponentProps<typeof ConfirmDialog>> = {}): void {
  show(
    <ConfirmDialog
      title="Stop it?"
      cancel="Let it go on"
      onCancel={cancel}
      confirm="Stop it"
      confirming="Stopping…"
      onConfirm={confirm}
      {...special}
    >
      <p>It can’t be begun again.</p>
    </ConfirmDialog>,
  );
}
const buttons = () => [...document.querySelectorAll<HTMLElement>(".buttons button")];
const texts = () => buttons().map(({ textContent }) => textContent);
const press = (name: string) => fireEvent.click(screen.getByRole("button", { name }));

test("the dialog is an alert named by its title", () => {
  // when
  ask();
  // then
  expect(screen.getByRole("alertdialog", { name: "Stop it?" }).textContent).toContain(
    "It can’t be begun again.",
  );
});

test("the safe button comes first, and has the focus", () => {
  // when
  ask();
  // then
  expect(texts()).toEqual(["Let it go on", "Stop it"]);
  expect(document.activeElement).toBe(buttons()[0]);
});

test("the safe button only goes back", () => {
  // given
  ask();
  // when
  press("Let it go on");
  // then
  expect(cancel).toHaveBeenCalledOnce();
  expect(confirm).not.toHaveBeenCalled();
});

test("Escape only goes back", () => {
  // given
  ask();
  // when
  fireEvent.keyDown(document.activeElement ?? document.body, { key: "Escape" });
  // then
  expect(cancel).toHaveBeenCalledOnce();
  expect(confirm).not.toHaveBeenCalled();
});

test("the button shows that the action is in progress, and starts it once", async () => {
  // given
  const done = later<void>();
  confirm.mockReturnValue(done.promise);
  ask();
  // when
  press("Stop it");
  // then
  const button = screen.getByRole("button", { name: "Stopping…" });
  expect(button.getAttribute("aria-disabled")).toBe("true");
  // when
  fireEvent.click(button);
  await act(async () => done.keep());
  // then
  expect(confirm).toHaveBeenCalledOnce();
  expect(screen.getByRole("button", { name: "Stop it" }).hasAttribute("aria-disabled")).toBe(false);
});

test("an error is shown, and the action can be tried again", async () => {
  // given
  confirm.mockRejectedValueOnce(new Failure("Not just now."));
  ask();
  // when
  await act(async () => press("Stop it"));
  // then
  expect(screen.getByRole("alert").textContent).toBe("Not just now.");
  // when
  await act(async () => press("Stop it"));
  // then
  expect(screen.getByRole("alert").textContent).toBe("");
  expect(confirm).toHaveBeenCalledTimes(2);
});

test("a third button comes between the two", () => {
  // when
  ask({ other: <button type="button">Only this one</button> });
  // then
  expect(texts()).toEqual(["Let it go on", "Only this one", "Stop it"]);
});

test("a caller that runs the action provides its progress and error", () => {
  // when
  ask({ action: { busy: true, error: "Nobody answers." } });
  press("Stopping…");
  // then
  expect(screen.getByRole("alert").textContent).toBe("Nobody answers.");
  expect(confirm).toHaveBeenCalledOnce();
});
