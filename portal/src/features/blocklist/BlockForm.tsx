// The form that blocks a number: it explains what is typed at once, and keeps it until it is saved.
import { useId, useRef, useState } from "react";

import { mutate } from "../../api/operations";
import { useRemembered } from "../../data/use-remembered";
import { BlockMobileDocument, type BlockMobileMutation } from "../../gql/graphql";
import { mobileText, namesText } from "../../text/format";
import { Checkbox, Field, TextField } from "../../ui/Field";
import { Notice } from "../../ui/Notice";
import { useAction } from "../../ui/use-action";
import { isUnfinished, type MobileCheck, useMobileCheck } from "./use-mobile-check";

type Listed = Extract<BlockMobileMutation["blockMobile"], { __typename: "BlockedCommunication" }>;

interface Props {
  /** Called on typing, when the message about the last number is outdated. */
  onTyping: () => void;
  onBlocked: (entry: Listed) => void;
}

/** The form that blocks a number. */
export function BlockForm({ onTyping, onBlocked }: Props) {
  const [typed, setTyped] = useRemembered("number to block");
  const [note, setNote] = useState("");
  const [ticked, setTicked] = useState(true);
  const [left, setLeft] = useState(false);
  const [refused, setRefused] = useState({ typed: "", message: "" });
  const { busy, error, run } = useAction();
  const known = useMobileCheck(typed);
  const field = useRef<HTMLInputElement>(null);
  const explanationId = useId();

  const invalid = known?.check.__typename === "InvalidMobile" ? known.check.message : "";
  // An unfinished number is only a hint until the field is left; other problems are errors at once.
  const showInvalid = left || (known?.typed === typed.trim() && !isUnfinished(typed));
  const wrong = (refused.typed === typed && refused.message) || (showInvalid && invalid) || "";

  const block = () =>
    run(async () => {
      const input = { mobile: typed, blockedRecalls: ticked, note: note || null };
      const { blockMobile: result } = await mutate(BlockMobileDocument, { input });
      if (result.__typename === "BlockedCommunication") {
        setTyped("");
        setNote("");
        setTicked(true);
        setLeft(false);
        onBlocked(result);
      } else setRefused({ typed, message: result.message });
      field.current?.focus();
    });

  return (
    <form
      className="card block-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void block();
      }}
    >
      <h2>Block a number</h2>
      <div className="block-fields">
        <Field label="Mobile number" hint="For example 0491 570 156">
          {(control) => (
            <input
              {...control}
              ref={field}
              type="text"
              inputMode="tel"
              autoComplete="off"
              aria-describedby={`${control["aria-describedby"]} ${explanationId}`}
              aria-invalid={wrong ? true : undefined}
              readOnly={busy}
              value={typed}
              onBlur={() => setLeft(typed.trim() !== "")}
              onChange={(event) => {
                setTyped(event.target.value);
                if (!event.target.value.trim()) setLeft(false);
                onTyping();
              }}
            />
          )}
        </Field>
        {/* Hints and errors share one place, so that nothing below moves. */}
        <p
          id={explanationId}
          role="status"
          className={wrong ? "block-says field-error" : "block-says"}
        >
          {wrong || (known && explanation(known.check))}
        </p>
        <TextField
          label="Note (optional)"
          hint="Who asked, and how – e.g. “Noah’s mum rang 29/11”"
          maxLength={500}
          autoComplete="off"
          value={note}
          onChange={setNote}
        />
      </div>
      <Checkbox label="Blocked Recalls" checked={ticked} onChange={setTicked} />
      <p className="hint">Tick to stop recall SMS. Without it the number is only listed.</p>
      <button type="submit" className="primary" aria-disabled={busy || undefined}>
        {busy ? "Blocking…" : "Block"}
      </button>
      <Notice>{error}</Notice>
    </form>
  );
}

function explanation(check: MobileCheck): string {
  if (check.__typename === "InvalidMobile") return check.message;
  const listed = check.blockedCommunication;
  return [
    mobileText(check.mobile),
    usedBy(check.patients),
    listed && (listed.blockedRecalls ? "Already blocked" : "Listed, but not blocked"),
  ]
    .filter(Boolean)
    .join(" · ");
}

/** Return the message about a number that has just been put on the list. */
export function listedText(entry: Listed): string {
  const number = mobileText(entry.mobile);
  if (!entry.blockedRecalls) {
    return `${number} is listed but not blocked, so it can still get recall SMS.`;
  }
  return `${number} is blocked – no more recall SMS.${handedOver(entry)}`;
}

/** Return who uses a number: "Used by Ana Silva and Ben Silva". */
export function usedBy(patients: readonly { firstName: string; lastName: string }[]): string {
  return patients.length > 0 ? `Used by ${namesText(patients)}` : "Not used by anyone on your list";
}

/** Return a remark on SMS that can't be stopped any more; "" if there are none. */
export function handedOver({ alreadyHandedOver }: { alreadyHandedOver: number }): string {
  if (alreadyHandedOver === 0) return "";
  return ` (${alreadyHandedOver} went out in the last 24 hours and can’t be taken back.)`;
}
