// Where the focus goes when what had it has left the screen.

/** Puts the focus, if nothing has it, to the row of a list that the keyboard is at, or else to the content. */
export function focusTheContent(): void {
  if (document.activeElement !== document.body) return;
  const main = document.getElementById("main");
  const row = main?.querySelector<HTMLElement>("[role=row][tabindex='0']");
  (row ?? main)?.focus({ preventScroll: true });
}

/** Whether the focus is nowhere in particular: it was lost, or went to the content because of that. */
export function isFocusAdrift(): boolean {
  const at = document.activeElement;
  return at === document.body || at === document.getElementById("main");
}

/** As a `ref`: where the element leaves the screen with the focus in it, the focus goes to the content. */
export function handsFocusOn(element: HTMLElement | null): () => void {
  return () => {
    if (element?.contains(document.activeElement)) requestAnimationFrame(focusTheContent);
  };
}
