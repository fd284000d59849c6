// Asks before what was changed and not saved is left behind.
import { useEffect, useState } from "react";
import { useLocation } from "wouter";

import { Sheet } from "../parts/Sheet";

interface Leaving {
  to: string;
  /** By the browser's Back or Forward. */
  back: boolean;
}

const address = (of: { pathname: string; search: string }) => of.pathname + of.search;

/** Where a press on a link leads within the portal; "" where it leads elsewhere, or nowhere new. */
function linkPressed(event: MouseEvent): string {
  const other = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  const link = (event.target as Element).closest<HTMLAnchorElement>("a[href]");
  if (other || !link || link.target || link.origin !== location.origin) return "";
  return address(link) === address(location) ? "" : address(link);
}

/** While something is `unsaved`, links, Back and closing the page ask first. */
export function Unsaved({ unsaved }: { unsaved: boolean }) {
  const [, navigate] = useLocation();
  const [leaving, setLeaving] = useState<Leaving>();
  useEffect(() => {
    if (!unsaved) return;
    const here = address(location);
    const onClick = (event: MouseEvent) => {
      const to = linkPressed(event);
      if (!to) return;
      event.preventDefault();
      event.stopPropagation();
      setLeaving({ to, back: false });
    };
    const onPopState = (event: PopStateEvent) => {
      const to = address(location);
      if (to === here) return;
      // The browser has gone there already: back here at once, before the router hears of it.
      event.stopImmediatePropagation();
      history.pushState(null, "", here);
      setLeaving({ to, back: true });
    };
    const onBeforeUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    document.addEventListener("click", onClick, true);
    addEventListener("popstate", onPopState, true);
    addEventListener("beforeunload", onBeforeUnload);
    return () => {
      document.removeEventListener("click", onClick, true);
      removeEventListener("popstate", onPopState, true);
      removeEventListener("beforeunload", onBeforeUnload);
    };
  }, [unsaved]);
  if (!leaving) return null;
  const stay = () => setLeaving(undefined);
  return (
    <Sheet title="Leave without saving?" role="alertdialog" onClose={stay}>
      <p>What you have changed here is not saved. If you leave, it is lost.</p>
      <div className="buttons">
        <button type="button" className="primary" autoFocus onClick={stay}>
          Stay here
        </button>
        <button
          type="button"
          className="danger"
          onClick={() => {
            stay();
            navigate(leaving.to, { replace: leaving.back });
          }}
        >
          Leave, and lose the changes
        </button>
      </div>
    </Sheet>
  );
}
