// The set-up, for admins: its navigation, and the screen for the address's path.
import "../../styles/setup.css";
import "../../styles/audit.css";

import { Link, Redirect, Route, Switch, useLocation } from "wouter";

import { PeoplePage } from "./access/PeoplePage";
import { TokensPage } from "./access/TokensPage";
import { AuditPage } from "./audit/AuditPage";
import { AutomationPage } from "./automation/AutomationPage";
import { CategoriesPage } from "./categories/CategoriesPage";
import { PreferencesPage } from "./preferences/PreferencesPage";

const SCREENS = [
  ["/setup/categories", "Categories"],
  ["/setup/preferences", "Preferences"],
  ["/setup/automation", "Automated runs"],
  ["/setup/people", "People"],
  ["/setup/tokens", "Access tokens"],
  ["/setup/audit", "Audit trail"],
] as const;

/** The set-up's navigation and one of its screens. */
export default function SettingsPage() {
  const [path] = useLocation();
  return (
    <div className="set-up">
      <nav aria-label="Set-up" className="setup-nav">
        <ul>
          {SCREENS.map(([start, name]) => (
            <li key={start}>
              <Link href={start} aria-current={path.startsWith(start) ? "page" : undefined}>
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
        <Route path="/setup/categories/:id?" component={CategoriesPage} />
        <Route path="/setup/preferences" component={PreferencesPage} />
        <Route path="/setup/automation" component={AutomationPage} />
        <Route path="/setup/people" component={PeoplePage} />
        <Route path="/setup/tokens" component={TokensPage} />
        <Route path="/setup/audit" component={AuditPage} />
        <Route>
          <h1>There is no such page</h1>
        </Route>
      </Switch>
    </div>
  );
}
