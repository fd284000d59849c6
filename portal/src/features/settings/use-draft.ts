// A draft: unsaved edits over a saved version, which somebody else may change meanwhile.
import { useState } from "react";

export interface Draft<Kept extends object> {
  /** The saved version, with the edits over it. */
  readonly value: Kept;
  /** The fields that were changed here. */
  readonly changed: readonly (keyof Kept)[];
  /** The fields that somebody else has changed since something was first changed here. */
  readonly meanwhile: readonly (keyof Kept)[];
  set<Field extends keyof Kept>(field: Field, value: Kept[Field]): void;
  /** Discard the edits of these fields. */
  drop(fields: readonly (keyof Kept)[]): void;
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** Return the fields in which two versions differ. */
export function differences<Kept extends object>(one: Kept, other: Kept): (keyof Kept)[] {
  return (Object.keys(one) as (keyof Kept)[]).filter((field) => !same(one[field], other[field]));
}

/** Return a draft; fields that weren't edited follow the saved version. */
export function useDraft<Kept extends object>(kept: Kept): Draft<Kept> {
  const [typed, setTyped] = useState<Partial<Kept>>({});
  const [began, setBegan] = useState(kept);
  const value = { ...kept, ...typed };
  const changed = differences(kept, value);
  const without = (fields: readonly (keyof Kept)[]) =>
    setTyped((now) => {
      const left = { ...now };
      for (const field of fields) delete left[field];
      return left;
    });
  // Edits that were saved, or typed back to the saved value, are edits no longer.
  const settled = (Object.keys(typed) as (keyof Kept)[]).filter(
    (field) => !changed.includes(field),
  );
  if (settled.length) without(settled);
  return {
    value,
    changed,
    meanwhile: changed.length ? differences(began, kept) : [],
    set: (field, to) => {
      if (!changed.length) setBegan(kept);
      setTyped((now) => ({ ...now, [field]: to }));
    },
    drop: without,
  };
}
