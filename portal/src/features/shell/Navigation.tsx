// The way to every page: in the sidebar or, on smaller screens, in the menu that the bar opens.
import { Link, useLocation } from "wouter";

import { signOut } from "../../auth/signing";
import { useViewer } from "../../auth/viewer";
import { useLiveQuery } from "../../data/use-live-query";
import { AttentionDocument } from "../../gql/graphql";
import { ROLE } from "../../text/words";
import { BlockIcon, ListIcon, SearchIcon, SentIcon, SettingsIcon, TodayIcon } from "../../ui/icons";
import { showOver } from "./over";

interface Section {
  readonly path: string;
  readonly name: string;
  readonly Icon: () => React.ReactNode;
}

const TODAY: Section = { path: "/today", name: "Today", Icon: TodayIcon };
const RECALLS: Section = { path: "/recalls", name: "Recalls", Icon: ListIcon };
const SENT: Section = { path: "/runs", name: "Sent messages", Icon: SentIcon };
const BLOCKED: Section = { path: "/blocked", name: "Blocked Communications", Icon: BlockIcon };
const SETTINGS: Section = { path: "/setup", name: "Settings", Icon: SettingsIcon };

/** The pages that the work is done on. */
export const WORK = [TODAY, RECALLS, SENT] as const;

/** Return the pages about the practice that the viewer has. */
export function useAccount(): readonly Section[] {
  return useViewer().role === "ADMIN" ? [BLOCKED, SETTINGS] : [BLOCKED];
}

/** All of it: the practice, the search, the pages, and the person. */
export function Navigation() {
  const { name, role, practice } = useViewer();
  const account = useAccount();
  const { data } = useLiveQuery(AttentionDocument, {}, ["RECALLS"]);
  const hot = data?.recallCounts.needsAttention ?? 0;
  return (
    <div className="navigation">
      <div className="navigation-head">
        <strong>{practice.name}</strong>
        <span>Recalls</span>
      </div>
      <button type="button" className="find" onClick={() => showOver("commands")}>
        <SearchIcon />
        Find a patient <kbd>Ctrl K</kbd>
      </button>
      <nav aria-label="Sections">
        <ul>
          {WORK.map((each) => (
            <NavItem key={each.path} section={each} hot={each === RECALLS ? hot : 0} />
          ))}
        </ul>
        <h2 id="account">Account</h2>
        <ul aria-labelledby="account">
          {account.map((each) => (
            <NavItem key={each.path} section={each} />
          ))}
        </ul>
      </nav>
      <div className="navigation-foot">
        <p>
          {name} · {ROLE[role]}
        </p>
        <Here href="/sessions">Your sessions</Here>
        <button
          type="button"
          className="plain"
          aria-label="Keyboard shortcuts"
          onClick={() => showOver("shortcuts")}
        >
          <kbd>?</kbd>
        </button>
        <button type="button" className="plain" onClick={() => void signOut()}>
          Sign out
        </button>
      </div>
    </div>
  );
}

/** A section's link, which says whether it is the one shown; `hot` counts what needs somebody. */
function NavItem({ section: { path, name, Icon }, hot = 0 }: { section: Section; hot?: number }) {
  return (
    <li>
      <Here href={path}>
        <Icon />
        {name}
        {hot > 0 && (
          <span className="navigation-hot number">
            <span className="unseen">, need attention: </span>
            {hot.toLocaleString("en-AU")}
          </span>
        )}
      </Here>
    </li>
  );
}

/** A link that says whether it leads to the page that is shown, or to what that is part of. */
export function Here({ href, children }: { href: string; children: React.ReactNode }) {
  const [path] = useLocation();
  const here = path === href || path.startsWith(`${href}/`);
  return (
    <Link href={href} aria-current={here ? "page" : undefined}>
      {children}
    </Link>
  );
}
