// The page for the address's path.
import { lazy, Suspense } from "react";
import { Redirect, Route, Switch } from "wouter";

import { useViewer } from "../../auth/viewer";
import { Loading } from "../../ui/Opening";
import { RecallsPage } from "../recalls/RecallsPage";
import { NotFound, Page } from "./Page";

const TodayPage = lazy(() => import("../today/TodayPage"));
const RunsPage = lazy(() => import("../runs/RunsPage"));
const RunPage = lazy(() => import("../runs/RunPage"));
const BlocklistPage = lazy(() => import("../blocklist/BlocklistPage"));
const SessionsPage = lazy(() => import("../sessions/SessionsPage"));
const SettingsPage = lazy(() => import("../settings/SettingsPage"));

/** The page for the address's path, which some roles don't have. */
export function Screens() {
  const { role } = useViewer();
  return (
    <Suspense fallback={<Loading />}>
      <Switch>
        <Route path="/">
          <Redirect to="/today" replace />
        </Route>
        <Route path="/today">
          <Page title={["Today"]}>
            <TodayPage />
          </Page>
        </Route>
        <Route path="/recalls/:tab?">
          <Page title={["Recalls"]}>
            <RecallsPage />
          </Page>
        </Route>
        <Route path="/runs">
          <Page title={["Sent messages"]}>
            <RunsPage />
          </Page>
        </Route>
        <Route path="/runs/:id">
          <Page title={["One send", "Sent messages"]}>
            <RunPage />
          </Page>
        </Route>
        <Route path="/blocked">
          <Page title={["Blocked Communications"]}>
            <BlocklistPage />
          </Page>
        </Route>
        <Route path="/sessions">
          <Page title={["Your sessions"]}>
            <SessionsPage />
          </Page>
        </Route>
        {role === "ADMIN" && <Route path="/setup/*?" component={SettingsPage} />}
        <Route>
          <NotFound />
        </Route>
      </Switch>
    </Suspense>
  );
}
