// Labelled form fields, each with its hint and error.
import { useId } from "react";

interface Common {
  label: string;
  hint?: React.ReactNode;
  error?: string | undefined;
  /** Leaves the label to screen readers only. */
  hideLabel?: boolean;
  className?: string;
}

interface Control {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
}

/** Puts a label, hint and error around the control that `children` renders with the given props. */
export function Field({
  label,
  hint,
  error,
  hideLabel,
  className = "",
  children,
}: Common & { children: (control: Control) => React.ReactNode }) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className={`field ${className}`}>
      <label htmlFor={id} className={hideLabel ? "unseen" : undefined}>
        {label}
      </label>
      {hint && (
        <div className="hint" id={`${id}-hint`}>
          {hint}
        </div>
      )}
      {children({
        id,
        "aria-describedby": described || undefined,
        "aria-invalid": error ? true : undefined,
      })}
      <div className="field-error" id={`${id}-error`} aria-live="polite">
        {error}
      </div>
    </div>
  );
}

type Input = Omit<React.InputHTMLAttributes<HTMLInputElement>, "onChange" | "className">;

/** A one-line text field. */
export function TextField({
  value,
  onChange,
  label,
  hint,
  error,
  hideLabel = false,
  className = "",
  ...input
}: Common &
  Input & {
    value: string;
    onChange: (value: string) => void;
  }) {
  return (
    <Field {...{ label, hint, error, hideLabel, className }}>
      {(control) => (
        <input
          type="text"
          {...input}
          {...control}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

/** A text field of several lines. */
export function TextArea({
  value,
  onChange,
  rows = 3,
  textAreaRef,
  maxLength,
  autoFocus = false,
  ...common
}: Common & {
  value: string;
  onChange: (value: string) => void;
  rows?: number;
  maxLength?: number;
  autoFocus?: boolean;
  textAreaRef?: React.Ref<HTMLTextAreaElement>;
}) {
  return (
    <Field {...common}>
      {(control) => (
        <textarea
          {...control}
          ref={textAreaRef}
          rows={rows}
          maxLength={maxLength}
          autoFocus={autoFocus}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

/** A field for choosing one of several values. */
export function SelectField<Value extends string>({
  value,
  onChange,
  options,
  ...common
}: Common & {
  value: Value;
  onChange: (value: Value) => void;
  options: readonly (readonly [value: Value, text: string])[];
}) {
  return (
    <Field {...common}>
      {(control) => (
        <select
          {...control}
          value={value}
          onChange={(event) => onChange(event.target.value as Value)}
        >
          {options.map(([each, text]) => (
            <option key={each} value={each}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** A checkbox with its label beside it. */
export function Checkbox({
  label,
  checked,
  onChange,
  disabled = false,
}: {
  label: React.ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
}) {
  return (
    <label className="check">
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span>{label}</span>
    </label>
  );
}
