// The bars of smaller screens: at the top the menu and the search, on phones the work below.
import { useViewer } from "../../auth/viewer";
import { ListIcon, MenuIcon, MoreIcon, SearchIcon, SentIcon, TodayIcon } from "../../ui/icons";
import { Here } from "./Navigation";
import { showOver } from "./over";

/** The practice's name between the buttons for the menu and the search. */
export function TopBar({ onMenu }: { onMenu: () => void }) {
  const { practice } = useViewer();
  return (
    <header className="top-bar">
      <button type="button" className="plain icon" aria-label="Menu" onClick={onMenu}>
        <MenuIcon />
      </button>
      <strong>{practice.name}</strong>
      <button
        type="button"
        className="plain icon"
        aria-label="Find a patient"
        onClick={() => showOver("commands")}
      >
        <SearchIcon />
      </button>
    </header>
  );
}

/** The pages that the work is done on, within reach of a thumb. */
export function BottomBar({ onMore }: { onMore: () => void }) {
  return (
    <nav aria-label="Sections" className="bottom-bar">
      <ul>
        <li>
          <Here href="/today">
            <TodayIcon />
            Today
          </Here>
        </li>
        <li>
          <Here href="/recalls">
            <ListIcon />
            Recalls
          </Here>
        </li>
        <li>
          <Here href="/runs">
            <SentIcon />
            Sent
          </Here>
        </li>
        <li>
          <button type="button" onClick={onMore}>
            <MoreIcon />
            More
          </button>
        </li>
      </ul>
    </nav>
  );
}
