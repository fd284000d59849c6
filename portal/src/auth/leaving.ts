// Keeps the page where it is while something isn't saved. It is loaded before the router listens,
// for browsers tell of Back in the order in which one began to listen.

export interface Leaving {
  readonly to: string;
  /** By the browser's Back or Forward. */
  readonly back: boolean;
}

const address = (of: { pathname: string; search: string }) => of.pathname + of.search;

let held: { at: string; ask: (leaving: Leaving) => void } | undefined;

/** Asks, by the function, instead of leaving; gives a function that ends it. */
export function holdHere(ask: (leaving: Leaving) => void): () => void {
  const mine = { at: address(location), ask };
  held = mine;
  addEventListener("beforeunload", stop);
  return () => {
    if (held !== mine) return;
    held = undefined;
    removeEventListener("beforeunload", stop);
  };
}

/** The browser asks then, in its own words. */
function stop(event: Event): void {
  event.preventDefault();
}

addEventListener("popstate", (event) => {
  const to = address(location);
  if (!held || to === held.at) return;
  // The browser has gone there already: back here at once, before the router hears of it.
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

/** Where a press on a link leads within the portal; "" where it leads elsewhere, or nowhere new. */
function linkPressed(event: MouseEvent): string {
  const other = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  const link = (event.target as Element).closest<HTMLAnchorElement>("a[href]");
  if (other || !link || link.target || link.origin !== location.origin) return "";
  return address(link) === address(location) ? "" : address(link);
}
