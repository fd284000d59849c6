// Tests of the audit trail's filter form.
import { fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";

import { show } from "../../../testing/screen";
import { AuditFilterForm } from "./AuditFilterForm";
import { EVERYTHING } from "./audit-filter";

const onChoose = vi.fn<(chosen: object) => void>();

beforeEach(() => {
  show(<AuditFilterForm names={["Kim", "Sam"]} onChoose={onChoose} />);
});

const fill = (label: RegExp, value: string) =>
  fireEvent.change(screen.getByLabelText(label), { target: { value } });
const press = (name: string) => fireEvent.click(screen.getByRole("button", { name }));

test("the filter takes effect on “Apply”", () => {
  // given
  fill(/^Who/, "Kim");
  fill(/^From/, "2026-11-01");
  fill(/^To/, "2026-11-01");
  fireEvent.click(screen.getByLabelText("Signed in"));
  fireEvent.click(screen.getByLabelText("Closed recalls"));
  expect(screen.getByText("Activity: 2 kinds")).toBeTruthy();
  fireEvent.click(screen.getByLabelText("Signed in"));
  // when
  press("Apply");
  // then
  expect(onChoose).toHaveBeenCalledWith({
    actor: "Kim",
    from: "2026-11-01",
    to: "2026-11-01",
    actions: ["RECALLS_CLOSED"],
  });
});

test("dates in the wrong order are refused at the second one", () => {
  // given
  fill(/^From/, "2026-11-02");
  fill(/^To/, "2026-11-01");
  // when
  press("Apply");
  // then
  const field = screen.getByLabelText(/^To/);
  const described = field.getAttribute("aria-describedby")?.split(" ") ?? [];
  expect(described.map((id) => document.getElementById(id)?.textContent)).toEqual([
    "1 Nov 2026",
    "“To” is before “From”.",
  ]);
  expect(field.getAttribute("aria-invalid")).toBe("true");
  expect(onChoose).not.toHaveBeenCalled();
});

test("“Clear” clears the filter and its error", () => {
  // given
  fill(/^From/, "2026-11-02");
  fill(/^To/, "2026-11-01");
  press("Apply");
  // when
  press("Clear");
  // then
  expect(onChoose).toHaveBeenCalledWith(EVERYTHING);
  expect(screen.getByLabelText(/^To/)).toHaveProperty("value", "");
  expect(screen.queryByText("“To” is before “From”.")).toBeNull();
});
