// The frame around every screen: navigation, who is signed in, and what is wrong with the connection.
import { lazy, Suspense, useEffect, useRef } from "react";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";

import { errorText, useConnected } from "./client";
import { ViewerDocument } from "./gql/graphql";
import { follow, useLive } from "./live";
import { Notice } from "./parts/Notice";
import { RecallsPage } from "./recalls/RecallsPage";
import { signOut, useSession } from "./session";
import { SignInAgain, SignInPage } from "./SignIn";
import { RunsUnderWay } from "./runs/RunsUnderWay";
import { type Viewer, ViewerContext } from "./viewer";
import { ROLE } from "./words";

const RunsPage = lazy(() => import("./runs/RunsPage"));
const RunPage = lazy(() => import("./runs/RunPage"));
const BlockedPage = lazy(() => import("./blocked/BlockedPage"));
const SetupPage = lazy(() => import("./setup/SetupPage"));

export function App() {
  const { token, renewing } = useSession();
  if (!token || renewing) return <SignInPage />;
  return <SignedIn />;
}

function SignedIn() {
  const { ended, token } = useSession();
  const { data, error, refresh } = useLive(ViewerDocument, {}, ["SETUP"]);
  // After signing in anew it may be somebody else.
  const known = useRef(token);
  useEffect(() => {
    if (token === known.current) return;
    known.current = token;
    refresh();
  }, [token, refresh]);
  const who = data && `${data.viewer.practice.id} ${data.viewer.name}`;
  const began = useRef(who);
  began.current ??= who;
  // Nothing of the one before stays, on the screen or kept for it: the page begins anew.
  const another = who !== began.current;
  useEffect(() => {
    if (another) location.reload();
  }, [another]);
  useEffect(follow, []);
  if (ended && !data) return <SignInPage refused />;
  return (
    <>
      {data && !another ? (
        <ViewerContext value={data.viewer}>
          <Frame viewer={data.viewer} />
        </ViewerContext>
      ) : (
        <main className="alone">
          {error ? (
            <>
              <Notice>{errorText(error)}</Notice>
              <button type="button" onClick={refresh}>
                Try again
              </button>
              <button type="button" className="plain" onClick={signOut}>
                Sign out
              </button>
            </>
          ) : (
            <p role="status">Opening Recalls…</p>
          )}
        </main>
      )}
      {ended && <SignInAgain />}
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
  useEffect(() => {
    document.title = `${here?.[1] ?? "Recalls"} – ${viewer.practice.name}`;
  }, [here, viewer]);
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
          <button type="button" className="plain" onClick={signOut}>
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
      <main id="main" tabIndex={-1}>
        <Suspense fallback={<p role="status">Opening…</p>}>
          <Switch>
            <Route path="/recalls/:tab?" component={RecallsPage} />
            <Route path="/runs" component={RunsPage} />
            <Route path="/runs/:id" component={RunPage} />
            <Route path="/blocked" component={BlockedPage} />
            {viewer.role === "ADMIN" && <Route path="/setup/*?" component={SetupPage} />}
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
      <RunsUnderWay />
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
