// What was typed, remembered while the page is open: not in the address, which names must never be in.
import { useState } from "react";

const memory = new Map<string, string>();

/** Has a screen that is opened next begin with this. */
export function remember(name: string, value: string): void {
  memory.set(name, value);
}

/** As `useState`, and there again when one comes back to the screen. */
export function useRemembered(name: string): [string, (value: string) => void] {
  const [value, setValue] = useState(() => memory.get(name) ?? "");
  const change = (next: string) => {
    remember(name, next);
    setValue(next);
  };
  return [value, change];
}
