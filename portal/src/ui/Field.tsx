// A labelled field of a form, with its hint and its error where they belong.
import { useId } from "react";

interface Common {
  label: string;
  hint?: React.ReactNode;
  error?: string | undefined;
  /** The label is for those who can't see the field's place. */
  hideLabel?: boolean;
  className?: string;
}

interface Control {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
}

/** Puts the label, the hint and the error around the control that `children` makes of its props. */
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

/** A field of one line. */
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

/** A field of several lines. */
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

/** A field to choose one of some values in. */
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

/** A box with its label beside it. */
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
