// Where the focus goes when what had it has left the screen.

/** Puts the focus to the content, where a pressed link took it away with itself. */
export function focusTheContent(): void {
  if (document.activeElement === document.body) document.getElementById("main")?.focus();
}
