// The set-up, for admins: its own navigation, and the screen that the address's path says.
import "../styles/setup.css";

import { Link, Redirect, Route, Switch, useLocation } from "wouter";

import { AuditPage } from "./AuditPage";
import { AutomationPage } from "./AutomationPage";
import { CategoriesPage } from "./CategoriesPage";
import { PeoplePage } from "./PeoplePage";
import { PreferencesPage } from "./PreferencesPage";
import { TokensPage } from "./TokensPage";

const SCREENS = [
  ["/setup/categories", "Categories"],
  ["/setup/preferences", "Preferences"],
  ["/setup/automation", "Automated runs"],
  ["/setup/people", "People"],
  ["/setup/tokens", "Access tokens"],
  ["/setup/audit", "Audit trail"],
] as const;

export default function SetupPage() {
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
