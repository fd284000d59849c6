// A switch with its hint and error.
import { useId } from "react";

interface Props {
  label: string;
  hint: string;
  error: string | undefined;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

/** A switch that turns something on and off. */
export function Switch({ label, hint, error, checked, onChange }: Props) {
  const id = useId();
  return (
    <div>
      <label className="check">
        <input
          type="checkbox"
          role="switch"
          className="switch"
          checked={checked}
          aria-describedby={error ? `${id}-hint ${id}-error` : `${id}-hint`}
          aria-invalid={error ? true : undefined}
          onChange={(event) => onChange(event.target.checked)}
        />
        <span>{label}</span>
      </label>
      <div className="hint" id={`${id}-hint`}>
        {hint}
      </div>
      <div className="field-error" id={`${id}-error`} aria-live="polite">
        {error}
      </div>
    </div>
  );
}
