// The audit trail's filter form: what was done, by whom, and when.
import { useId, useState } from "react";

import type { AuditAction } from "../../../gql/graphql";
import { count, dateText } from "../../../text/format";
import { ACTION } from "../../../text/words";
import { Checkbox, Field, TextField } from "../../../ui/Field";
import { type Chosen, EVERYTHING, isBackwards } from "./audit-filter";

const ACTIONS = Object.keys(ACTION) as AuditAction[];

interface Props {
  /** Names that the field suggests. */
  names: readonly string[];
  onChoose: (chosen: Chosen) => void;
}

/** Filters the events; nothing changes before “Apply”. */
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
        setError(backwards ? "“To” is before “From”." : "");
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
          hint={typed.from ? dateText(typed.from) : "Included"}
          type="date"
          value={typed.from}
          onChange={(from) => set({ from })}
        />
        <TextField
          label="To"
          hint={typed.to ? dateText(typed.to) : "Included"}
          type="date"
          value={typed.to}
          onChange={(to) => set({ to })}
          error={error}
        />
      </div>
      <details>
        <summary>
          Activity: {typed.actions.length ? count(typed.actions.length, "kind") : "all"}
        </summary>
        <fieldset className="audit-actions">
          <legend className="unseen">Activity</legend>
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
          Apply
        </button>
        <button
          type="button"
          onClick={() => {
            setTyped(EVERYTHING);
            setError("");
            onChoose(EVERYTHING);
          }}
        >
          Clear
        </button>
      </div>
    </form>
  );
}
