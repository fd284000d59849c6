// Typed text, remembered while the page is open; not in the URL, which must never contain names.
import { useState } from "react";

const memory = new Map<string, string>();

/** Set the value that a screen begins with when it is next opened. */
export function remember(name: string, value: string): void {
  memory.set(name, value);
}

/** As `useState`, but the value is still there on return to the screen. */
export function useRemembered(name: string): [string, (value: string) => void] {
  const [value, setValue] = useState(() => memory.get(name) ?? "");
  const change = (next: string) => {
    remember(name, next);
    setValue(next);
  };
  return [value, change];
}
