// Keeps the page where it is while something isn't saved. It is loaded before the router, because
// browsers call the listeners for Back in the order in which they were added.

export interface Leaving {
  readonly to: string;
  /** Whether it was the browser's Back or Forward. */
  readonly back: boolean;
}

const address = (of: { pathname: string; search: string }) => of.pathname + of.search;

let held: { at: string; ask: (leaving: Leaving) => void } | undefined;

/** Call `ask` instead of leaving the page; return a function that ends this. */
export function askBeforeLeaving(ask: (leaving: Leaving) => void): () => void {
  const mine = { at: address(location), ask };
  held = mine;
  addEventListener("beforeunload", stop);
  return () => {
    if (held !== mine) return;
    held = undefined;
    removeEventListener("beforeunload", stop);
  };
}

/** Make the browser ask, in its own words. */
function stop(event: Event): void {
  event.preventDefault();
}

addEventListener("popstate", (event) => {
  const to = address(location);
  if (!held || to === held.at) return;
  // The browser is there already: come back at once, before the router hears of it.
  event.stopImmediatePropagation();
  history.pushState(null, "", held.at);
  held.ask({ to, back: true });
});

document.addEventListener(
  "click",
  (event) => {
    const to = held && linkPressed(event);
    if (!to) return;
    event.preventDefault();
    event.stopPropagation();
    held?.ask({ to, back: false });
  },
  true,
);

/** Return where a click on a link leads in the portal; "" if it leads elsewhere or nowhere new. */
function linkPressed(event: MouseEvent): string {
  const other = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  const link = (event.target as Element).closest<HTMLAnchorElement>("a[href]");
  if (other || !link || link.target || link.origin !== location.origin) return "";
  return address(link) === address(location) ? "" : address(link);
}
