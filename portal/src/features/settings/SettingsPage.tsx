// The settings, for admins: its navigation, and the screen for the address's path.
import "../../styles/setup.css";
import "../../styles/audit.css";

import { Link, Redirect, Route, Switch, useLocation } from "wouter";

import { NotFound, Page } from "../shell/Page";
import { PeoplePage } from "./access/PeoplePage";
import { TokensPage } from "./access/TokensPage";
import { AuditPage } from "./audit/AuditPage";
import { AutomationPage } from "./automation/AutomationPage";
import { CategoriesPage } from "./categories/CategoriesPage";
import { PreferencesPage } from "./preferences/PreferencesPage";
import { SCREENS } from "./screens";

const PAGES = {
  categories: CategoriesPage,
  preferences: PreferencesPage,
  automation: AutomationPage,
  people: PeoplePage,
  tokens: TokensPage,
  audit: AuditPage,
} as const;

/** The settings' navigation and one of its screens. */
export default function SettingsPage() {
  const [path] = useLocation();
  return (
    <div className="set-up">
      <nav aria-label="Settings" className="setup-nav">
        <ul>
          {SCREENS.map(([start, name]) => (
            <li key={start}>
              <Link
                href={`/setup/${start}`}
                aria-current={path.startsWith(`/setup/${start}`) ? "page" : undefined}
              >
                {name}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <Switch>
        <Route path="/setup">
          <Redirect to="/setup/categories" replace />
        </Route>
        {SCREENS.map(([start, name]) => {
          const Screen = PAGES[start];
          return (
            <Route key={start} path={`/setup/${start}/:id?`}>
              {({ id }) => (
                <Page at={id} title={[name, "Settings"]}>
                  <Screen />
                </Page>
              )}
            </Route>
          );
        })}
        <Route>
          <NotFound />
        </Route>
      </Switch>
    </div>
  );
}
