// The audit trail's filter form: what was done, by whom, and when.
import { useId, useState } from "react";

import type { AuditAction } from "../../../gql/graphql";
import { count } from "../../../text/format";
import { ACTION } from "../../../text/words";
import { Checkbox, Field, TextField } from "../../../ui/Field";
import { type Chosen, EVERYTHING, isBackwards } from "./audit-filter";

const ACTIONS = Object.keys(ACTION) as AuditAction[];

interface Props {
  /** Names that the field suggests. */
  names: readonly string[];
  onChoose: (chosen: Chosen) => void;
}

/** Filters the events; nothing changes before “Show”. */
export function AuditFilterForm({ names, onChoose }: Props) {
  const [typed, setTyped] = useState(EVERYTHING);
  const set = (part: Partial<Chosen>) => setTyped((now) => ({ ...now, ...part }));
  const [error, setError] = useState("");
  const listId = useId();
  return (
    <form
      noValidate
      className="card audit-filter"
      aria-label="Filter"
      onSubmit={(event) => {
        event.preventDefault();
        const backwards = isBackwards(typed);
        setError(backwards ? "This is before the day in “From”." : "");
        if (!backwards) onChoose(typed);
      }}
    >
      <div className="audit-fields">
        <Field label="Who" hint="The whole name">
          {(control) => (
            <>
              <input
                {...control}
                type="text"
                list={listId}
                maxLength={500}
                autoComplete="off"
                value={typed.actor}
                onChange={(event) => set({ actor: event.target.value })}
              />
              <datalist id={listId}>
                {names.map((name) => (
                  <option key={name}>{name}</option>
                ))}
              </datalist>
            </>
          )}
        </Field>
        <TextField
          label="From"
          hint="This day on"
          type="date"
          value={typed.from}
          onChange={(from) => set({ from })}
        />
        <TextField
          label="To"
          hint="This day too"
          type="date"
          value={typed.to}
          onChange={(to) => set({ to })}
          error={error}
        />
      </div>
      <details>
        <summary>
          What was done: {typed.actions.length ? count(typed.actions.length, "kind") : "anything"}
        </summary>
        <fieldset className="audit-actions">
          <legend className="unseen">What was done</legend>
          {ACTIONS.map((action) => (
            <Checkbox
              key={action}
              label={ACTION[action]}
              checked={typed.actions.includes(action)}
              onChange={(checked) =>
                set({
                  actions: checked
                    ? [...typed.actions, action]
                    : typed.actions.filter((each) => each !== action),
                })
              }
            />
          ))}
        </fieldset>
      </details>
      <div className="buttons">
        <button type="submit" className="primary">
          Show
        </button>
        <button
          type="button"
          onClick={() => {
            setTyped(EVERYTHING);
            setError("");
            onChoose(EVERYTHING);
          }}
        >
          Show everything
        </button>
      </div>
    </form>
  );
}
