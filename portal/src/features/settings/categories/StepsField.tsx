// A category's steps: an ordered list to add to, remove from and reorder.
import { useEffect, useRef, useState } from "react";

import type { CategoriesQuery, ContactKind } from "../../../gql/graphql";
import { count } from "../../../text/format";
import { KIND } from "../../../text/words";
import { CloseIcon } from "../../../ui/icons";

export type Waits = CategoriesQuery["practice"]["preferences"];

interface Props {
  steps: readonly ContactKind[];
  waits: Waits;
  error: string | undefined;
  onChange: (steps: readonly ContactKind[]) => void;
}

const KINDS = ["SMS", "PHONE", "LETTER"] as const;

/** Edits the steps and their order. */
export function StepsField({ steps, waits, error, onChange }: Props) {
  const [notice, setNotice] = useState("");
  const place = useRef<HTMLDivElement>(null);
  const focusNext = useRef("");
  useEffect(() => {
    if (!focusNext.current) return;
    place.current?.querySelector<HTMLElement>(focusNext.current)?.focus();
    focusNext.current = "";
  });
  const days: Record<ContactKind, number> = {
    SMS: waits.smsRepeatDays,
    PHONE: waits.phoneRepeatDays,
    LETTER: waits.letterRepeatDays,
  };

  function move(index: number, by: -1 | 1) {
    const kind = steps[index];
    const other = steps[index + by];
    if (!kind || !other) return;
    const moved = [...steps];
    moved[index] = other;
    moved[index + by] = kind;
    focusNext.current = `[data-step="${index + by}"] [data-by="${by}"]`;
    setNotice(`${KIND[kind]} is now step ${index + by + 1} of ${steps.length}.`);
    onChange(moved);
  }
  function remove(index: number, kind: ContactKind) {
    const left = steps.filter((_, each) => each !== index);
    focusNext.current = left.length
      ? `[data-step="${Math.min(index, left.length - 1)}"] [data-remove]`
      : "[data-add]";
    setNotice(`Removed step ${index + 1}, ${KIND[kind]}.`);
    onChange(left);
  }
  return (
    <div ref={place} role="group" aria-label="Steps" className="steps">
      {steps.length === 0 && <p className="quiet">No steps, so its recalls stay in To Action.</p>}
      <ol>
        {steps.map((kind, index) => {
          const name = `step ${index + 1}, ${KIND[kind]}`;
          const last = index === steps.length - 1;
          return (
            <li key={index} data-step={index}>
              <div className="step">
                <span>
                  <strong>{KIND[kind]}</strong>{" "}
                  <span className="quiet">
                    wait {count(days[kind], "day")}, then {last ? "back to To Action" : "next step"}
                  </span>
                </span>
                <span className="step-buttons">
                  <button
                    type="button"
                    className="plain icon"
                    aria-label={`Move ${name}, up`}
                    aria-disabled={index === 0}
                    data-by="-1"
                    onClick={() => move(index, -1)}
                  >
                    <span aria-hidden="true">↑</span>
                  </button>
                  <button
                    type="button"
                    className="plain icon"
                    aria-label={`Move ${name}, down`}
                    aria-disabled={last}
                    data-by="1"
                    onClick={() => move(index, 1)}
                  >
                    <span aria-hidden="true">↓</span>
                  </button>
                  <button
                    type="button"
                    className="plain icon"
                    aria-label={`Remove ${name}`}
                    data-remove
                    onClick={() => remove(index, kind)}
                  >
                    <CloseIcon />
                  </button>
                </span>
              </div>
            </li>
          );
        })}
      </ol>
      <div className="row">
        {KINDS.map((kind) => (
          <button
            key={kind}
            type="button"
            data-add
            onClick={() => {
              onChange([...steps, kind]);
              setNotice(`Added step ${steps.length + 1}, ${KIND[kind]}.`);
            }}
          >
            Add {kind === "SMS" ? "SMS" : KIND[kind].toLowerCase()}
          </button>
        ))}
      </div>
      <p role="status" className="unseen">
        {notice}
      </p>
      <div className="field-error" aria-live="polite">
        {error}
      </div>
    </div>
  );
}
