// The frame around every page: the navigation, what concerns all pages, and what is shown over them.
import { lazy, Suspense, useEffect, useState } from "react";

import { Overlay } from "../../ui/Overlay";
import { useMedia } from "../../ui/use-media";
import { Connection, OtherPerson } from "./Banners";
import { BottomBar, TopBar } from "./Bars";
import { Announcer, Docked } from "./Docked";
import { Navigation } from "./Navigation";
import { Screens } from "./Screens";
import { ShortcutsDialog } from "./ShortcutsDialog";
import { showOver, useOver } from "./over";
import { useGlobalKeys } from "./use-global-keys";

const loadCommandMenu = () => import("./CommandMenu");
const CommandMenu = lazy(loadCommandMenu);

/** A page in its frame, once it is known who is signed in. */
export function AppShell() {
  const wide = useMedia("(min-width: 1100px)");
  const phone = useMedia("(max-width: 699px)");
  const [menu, setMenu] = useState(false);
  const over = useOver();
  useGlobalKeys();
  useEffect(() => {
    // After the first view, so that the menu takes even the first letter typed into it.
    void loadCommandMenu();
  }, []);
  const openMenu = () => setMenu(true);
  return (
    <>
      <a className="skip" href="#main">
        Skip to main content
      </a>
      <Announcer />
      <div className="shell">
        {wide ? (
          <header className="sidebar">
            <Navigation />
          </header>
        ) : (
          <TopBar onMenu={openMenu} />
        )}
        <div className="shell-page">
          <Connection />
          <OtherPerson />
          <main id="main" tabIndex={-1}>
            <Screens />
          </main>
          <Docked />
        </div>
        {phone && <BottomBar onMore={openMenu} />}
      </div>
      {menu && !wide && <Menu onClose={() => setMenu(false)} />}
      {over === "commands" && (
        <Suspense>
          <CommandMenu onClose={() => showOver(null)} />
        </Suspense>
      )}
      {over === "shortcuts" && <ShortcutsDialog onClose={() => showOver(null)} />}
    </>
  );
}

/** The navigation on smaller screens; it closes once something in it was pressed. */
function Menu({ onClose }: { onClose: () => void }) {
  return (
    <Overlay
      title="Menu"
      onClose={onClose}
      overlayClass="overlay overlay-menu"
      sheetClass="sheet sheet-menu"
    >
      <div
        role="presentation"
        onClick={({ target }) => (target as Element).closest("a, button") && onClose()}
      >
        <Navigation />
      </div>
    </Overlay>
  );
}
