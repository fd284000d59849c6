// Where the focus goes when the focused element has left the screen.

/** If nothing has the focus, move it to the grid's current row or, without one, to the content. */
export function focusTheContent(): void {
  if (document.activeElement !== document.body) return;
  const main = document.getElementById("main");
  const row = main?.querySelector<HTMLElement>("[role=row][tabindex='0']");
  (row ?? main)?.focus({ preventScroll: true });
}

/** Return whether the focus was lost, or was moved to the content because it was. */
export function isFocusAdrift(): boolean {
  const at = document.activeElement;
  return at === document.body || at === document.getElementById("main");
}

/** A `ref` callback: if the element leaves the screen with the focus, that goes to the content. */
export function handsFocusOn(element: HTMLElement | null): () => void {
  return () => {
    if (element?.contains(document.activeElement)) requestAnimationFrame(focusTheContent);
  };
}
