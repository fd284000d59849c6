// A page in the frame: its title and, when somebody comes from another page, the focus on its heading.
import { useEffect } from "react";
import { Link } from "wouter";

import { useViewer } from "../../auth/viewer";

/** The page shown last. The first one leaves the focus where the browser puts it. */
let shown: string | null = null;

interface Props {
  /** The page's name, then those of what it is part of: "Preferences", "Settings". */
  title: readonly string[];
  /** What is shown on the page, if that is as good as another page. */
  at?: string | undefined;
  children: React.ReactNode;
}

/** Names the window after the page. Screen readers read the heading once the page is there. */
export function Page({ title, at, children }: Props) {
  const { practice } = useViewer();
  const text = [...title, practice.name].join(" – ");
  useEffect(() => {
    document.title = text;
  }, [text]);
  const here = at ?? text;
  useEffect(() => {
    const isAnother = shown !== null && shown !== here;
    shown = here;
    return isAnother ? focusHeading() : undefined;
  }, [here]);
  return children;
}

/** Focus the heading, once there is one, unless the page has the focus elsewhere by then. */
function focusHeading(): () => void {
  const main = document.getElementById("main");
  const focus = () => {
    const heading = main?.querySelector("h1");
    if (!heading) return false;
    const at = document.activeElement;
    if (at === main || !main?.contains(at)) {
      heading.tabIndex = -1;
      heading.focus();
    }
    return true;
  };
  if (focus() || !main) return () => {};
  const observer = new MutationObserver(() => {
    if (focus()) observer.disconnect();
  });
  observer.observe(main, { childList: true, subtree: true });
  return () => observer.disconnect();
}

/** What is said of an address that leads nowhere. */
export function NotFound() {
  return (
    <Page title={["Page not found"]}>
      <h1>Page not found</h1>
      <p>
        <Link href="/recalls">Back to Recalls</Link>
      </p>
    </Page>
  );
}
