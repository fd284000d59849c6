// Typed text, remembered while the page is open; not in the URL, which must never contain names.
import { useState } from "react";

const memory = new Map<string, string>();

/** Set the value that a screen begins with when it is next opened. */
export function remember(name: string, value: string): void {
  memory.set(name, value);
}

/** Return the value that was last set; "" if none was. */
export const remembered = (name: string): string => memory.get(name) ?? "";

/** As `useState`, but the value is still there on return to the screen. */
export function useRemembered(name: string): [string, (value: string) => void] {
  const [value, setValue] = useState(() => remembered(name));
  const change = (next: string) => {
    remember(name, next);
    setValue(next);
  };
  return [value, change];
}
