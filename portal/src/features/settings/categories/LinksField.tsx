// The reasons or urgencies that a category links: a list to add to and remove from.
import { useRef, useState } from "react";

import { Field } from "../../../ui/Field";
import { CloseIcon } from "../../../ui/icons";

interface Props {
  /** For example "Reasons". */
  label: string;
  /** For example "reason". */
  noun: string;
  hint: string;
  error: string | undefined;
  values: readonly string[];
  onChange: (values: readonly string[]) => void;
}

const key = (value: string) => value.toLowerCase();
const has = (values: readonly string[], value: string) =>
  values.some((each) => key(each) === key(value));

/** Edits a list of values. */
export function LinksField({ label, noun, hint, error, values, onChange }: Props) {
  const [typed, setTyped] = useState("");
  const [notice, setNotice] = useState("");
  const [taken, setTaken] = useState<readonly string[]>([]);
  const input = useRef<HTMLInputElement>(null);
  const removed = taken.filter((value) => !has(values, value));

  function add(text: string) {
    const lines = text
      .split(/[\r\n]+/)
      .map((line) => line.trim())
      .filter(Boolean);
    const added: string[] = [];
    for (const line of lines) if (!has([...values, ...added], line)) added.push(line);
    if (added.length) onChange([...values, ...added]);
    const known = lines.length - added.length;
    const already = known ? ` ${known === 1 ? "One was" : `${known} were`} already there.` : "";
    setNotice(`${added.length ? `Added: ${added.join(", ")}.` : ""}${already}`.trim());
  }
  function addTyped() {
    if (!typed.trim()) return;
    add(typed);
    setTyped("");
  }
  return (
    <div className="links">
      <Field {...{ label, hint, error }}>
        {(control) => (
          <div className="row add-row">
            <input
              {...control}
              type="text"
              ref={input}
              maxLength={500}
              autoComplete="off"
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
              // Typed text is added even without Enter, so that it isn't lost.
              onBlur={addTyped}
              onKeyDown={(event) => {
                if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
                event.preventDefault();
                addTyped();
              }}
              onPaste={(event) => {
                const text = event.clipboardData.getData("text/plain");
                if (!/[\r\n]/.test(text.trim())) return;
                event.preventDefault();
                add(text);
              }}
            />
            <button type="button" onClick={addTyped}>
              Add {noun}
            </button>
          </div>
        )}
      </Field>
      <p role="status" className="hint">
        {notice}
      </p>
      <ul className="chips" aria-label={`Linked ${label.toLowerCase()}`}>
        {values.map((value) => (
          <li key={key(value)} className="chip">
            <span>{value}</span>
            <button
              type="button"
              className="plain icon"
              aria-label={`Remove ${value}`}
              onClick={() => {
                setTaken([...removed, value]);
                onChange(values.filter((each) => each !== value));
                setNotice(`Removed: ${value}.`);
              }}
            >
              <CloseIcon />
            </button>
          </li>
        ))}
        {removed.map((value) => (
          <li key={`removed ${key(value)}`} className="chip chip-removed">
            <del>{value}</del>
            <button
              type="button"
              className="link"
              // It replaces the button that was pressed, and takes over its focus.
              autoFocus
              aria-label={`Put back ${value}`}
              onClick={() => {
                add(value);
                input.current?.focus();
              }}
            >
              Put back
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
