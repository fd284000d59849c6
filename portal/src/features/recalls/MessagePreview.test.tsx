// Tests of the message preview.
import { expect, test } from "vitest";

import { PRIYA } from "../../testing/facts";
import { text } from "../../testing/shown";
import { MessagePreview } from "./MessagePreview";
import type { Draft } from "./use-send-preview";

function aDraft(special: Partial<Draft["text"]> = {}): Draft {
  return {
    patient: PRIYA,
    mobile: "+61491570006",
    recalls: 1,
    text: { body: "Hi Priya", segments: 1, encoding: "GSM7", beyondGsm7: "", ...special },
  };
}

test("a message is shown with its patient and what it is charged as", () => {
  expect(text(<MessagePreview drafts={[aDraft()]} />)).toBe(
    "Priya Nair · 0491 570 006Hi Priya1 SMS",
  );
});

test("each character that makes the message dearer is named", () => {
  // given
  const draft = aDraft({ segments: 2, encoding: "UCS2", beyondGsm7: "ë’😀" });
  // then
  expect(text(<MessagePreview drafts={[draft]} />)).toContain("Charged as 2 SMS because of ë ’ 😀");
});

test("without messages, nothing is shown", () => {
  expect(text(<MessagePreview drafts={[]} />)).toBe("");
});
