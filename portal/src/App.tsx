// The frame around every screen: navigation, the signed-in person, and the state of the connection.
import { lazy, Suspense, useEffect } from "react";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";

import { useConnected } from "./api/connection";
import { errorText } from "./api/errors";
import { IdleEnd } from "./auth/IdleEnd";
import { LinkQuestion } from "./auth/LinkQuestion";
import { SignInAgain } from "./auth/SignInAgain";
import { SignInPage } from "./auth/SignInPage";
import { setCurrentPerson, useSession } from "./auth/session";
import { dismissMessage, rejectToken, signOut } from "./auth/signing";
import { type Viewer, ViewerContext } from "./auth/viewer";
import { follow } from "./data/changes";
import { useLiveQuery } from "./data/use-live-query";
import { RecallsPage } from "./features/recalls/RecallsPage";
import { RunsInProgress } from "./features/runs/RunsInProgress";
import { ViewerDocument } from "./gql/graphql";
import { ROLE } from "./text/words";
import { Notice } from "./ui/Notice";

const RunsPage = lazy(() => import("./features/runs/RunsPage"));
const RunPage = lazy(() => import("./features/runs/RunPage"));
const BlocklistPage = lazy(() => import("./features/blocklist/BlocklistPage"));
const SessionsPage = lazy(() => import("./features/sessions/SessionsPage"));
const SettingsPage = lazy(() => import("./features/settings/SettingsPage"));

/** The sign-in page, or the frame with a screen in it. */
export function App() {
  const { token, renewing, leaving, offered } = useSession();
  if (leaving) {
    return (
      <main className="alone">
        <p role="status">Just a moment…</p>
      </main>
    );
  }
  if (token && !renewing) return <SignedIn />;
  return offered ? <LinkQuestion /> : <SignInPage />;
}

function SignedIn() {
  const { ended, offered } = useSession();
  const { data, error, refresh } = useLiveQuery(ViewerDocument, {}, ["SETUP"]);
  const viewer = data?.viewer;
  useEffect(() => {
    if (viewer) setCurrentPerson(viewer.id);
  }, [viewer]);
  useEffect(follow, []);
  useEffect(() => {
    if (ended && !viewer) rejectToken();
  }, [ended, viewer]);
  return (
    <>
      {viewer ? (
        <ViewerContext value={viewer}>
          <Frame viewer={viewer} />
        </ViewerContext>
      ) : (
        <main className="alone">
          {error ? (
            <>
              <Notice>{errorText(error)}</Notice>
              <button type="button" onClick={refresh}>
                Try again
              </button>
              <button type="button" className="plain" onClick={() => void signOut()}>
                Sign out
              </button>
            </>
          ) : (
            <p role="status">Opening Recalls…</p>
          )}
        </main>
      )}
      {offered ? <LinkQuestion viewer={viewer} /> : ended && viewer && <SignInAgain />}
      <IdleEnd />
    </>
  );
}

const SECTIONS = [
  ["/recalls", "Recalls"],
  ["/runs", "Runs"],
  ["/blocked", "Blocked Communications"],
] as const;

function Frame({ viewer }: { viewer: Viewer }) {
  const [path] = useLocation();
  const sections = [
    ...SECTIONS,
    ...(viewer.role === "ADMIN" ? [["/setup", "Set-up"] as const] : []),
  ];
  const here = sections.find(([start]) => path.startsWith(start));
  const title = here?.[1] ?? (path === "/sessions" ? "Your sessions" : "Recalls");
  useEffect(() => {
    document.title = `${title} – ${viewer.practice.name}`;
  }, [title, viewer]);
  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="top">
        <div className="who">
          <strong>{viewer.practice.name}</strong>
          <span className="who-person">
            {viewer.name} <span className="quiet">· {ROLE[viewer.role]}</span>
          </span>
          <Link href="/sessions" aria-current={path === "/sessions" ? "page" : undefined}>
            Your sessions
          </Link>
          <button type="button" className="plain" onClick={() => void signOut()}>
            Sign out
          </button>
        </div>
        <nav aria-label="Sections">
          <ul>
            {sections.map(([start, name]) => (
              <li key={start}>
                <Link href={start} aria-current={here?.[0] === start ? "page" : undefined}>
                  {name}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
      </header>
      <Connection />
      <OtherPerson viewer={viewer} />
      <main id="main" tabIndex={-1}>
        <Suspense fallback={<p role="status">Opening…</p>}>
          <Switch>
            <Route path="/recalls/:tab?" component={RecallsPage} />
            <Route path="/runs" component={RunsPage} />
            <Route path="/runs/:id" component={RunPage} />
            <Route path="/blocked" component={BlocklistPage} />
            <Route path="/sessions" component={SessionsPage} />
            {viewer.role === "ADMIN" && <Route path="/setup/*?" component={SettingsPage} />}
            <Route path="/">
              <Redirect to="/recalls" replace />
            </Route>
            <Route>
              <h1>There is no such page</h1>
              <p>
                <Link href="/recalls">Go to the recalls</Link>
              </p>
            </Route>
          </Switch>
        </Suspense>
      </main>
      <RunsInProgress />
    </>
  );
}

function Connection() {
  const connected = useConnected();
  return (
    <div role="status">
      {!connected && (
        <p className="banner">
          Recalls can’t be reached just now, so what you see may be out of date. Nothing you have
          typed is lost. Trying again…
        </p>
      )}
    </div>
  );
}

/** Tells a new person what became of the work that somebody else had begun on this page. */
function OtherPerson({ viewer }: { viewer: Viewer }) {
  const { message } = useSession();
  return (
    <div role="status">
      {message === "another" && (
        <p className="banner">
          You are signed in as {viewer.name}. Somebody else was signed in here before: what they had
          begun and not finished was not done, and is not kept.{" "}
          <button type="button" className="link" onClick={dismissMessage}>
            Close
          </button>
        </p>
      )}
    </div>
  );
}
