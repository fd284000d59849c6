// The keyboard shortcuts of every page.
import { useEffect, useEffectEvent } from "react";
import { useLocation } from "wouter";

import { pressUndo } from "../../ui/Toast";
import { currentOver, showOver } from "./over";
import { singleKeys } from "./single-keys";

/** Milliseconds in which the second key has to follow `g`. */
const CHORD = 1500;

const GOES: Readonly<Record<string, string>> = {
  t: "/today",
  r: "/recalls",
  s: "/runs",
  b: "/blocked",
};
/** Where a letter is typed, or means something else. */
const TYPING =
  "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], [role=menu], [role=listbox]";
const DIALOG = "[role=dialog], [role=alertdialog]";

/** Take the shortcuts, but not while somebody types or a dialog is open. */
export function useGlobalKeys(): void {
  const [, navigate] = useLocation();
  const search = () => {
    if (focusSearch()) return;
    navigate("/recalls");
    requestAnimationFrame(focusSearch);
  };
  const press = useEffectEvent((event: KeyboardEvent, chord: boolean): boolean => {
    if (event.altKey || currentOver() || document.querySelector(DIALOG)) return false;
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() !== "k") return false;
      event.preventDefault();
      showOver("commands");
      return false;
    }
    if (!singleKeys() || (event.target as Element).closest?.(TYPING)) return false;
    if (chord) {
      const path = GOES[event.key];
      if (!path) return false;
      // Else the list would take its own s, and send.
      event.stopPropagation();
      event.preventDefault();
      navigate(path);
      return false;
    }
    if (event.key === "g") return true;
    if (event.key === "/") {
      event.preventDefault();
      search();
    } else if (event.key === "?") showOver("shortcuts");
    else if (event.key === "u") pressUndo();
    return false;
  });
  useEffect(() => {
    let until = 0;
    const key = (event: KeyboardEvent) => {
      const chord = Date.now() < until;
      until = press(event, chord) ? Date.now() + CHORD : 0;
    };
    addEventListener("keydown", key, true);
    return () => removeEventListener("keydown", key, true);
  }, []);
}

/** Focus the page’s search field; return whether it has one. */
function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>("#main input[type=search]");
  field?.focus();
  field?.select();
  return field !== null;
}
