// Who is signed in: the sign-in page, or the frame with a page in it.
import { useEffect } from "react";

import { errorText } from "./api/errors";
import { IdleEnd } from "./auth/IdleEnd";
import { LinkQuestion } from "./auth/LinkQuestion";
import { SignInAgain } from "./auth/SignInAgain";
import { SignInPage } from "./auth/SignInPage";
import { setCurrentPerson, useSession } from "./auth/session";
import { rejectToken, signOut } from "./auth/signing";
import { ViewerContext } from "./auth/viewer";
import { follow } from "./data/changes";
import { useLiveQuery } from "./data/use-live-query";
import { AppShell } from "./features/shell/AppShell";
import { ViewerDocument } from "./gql/graphql";
import { Notice } from "./ui/Notice";
import { Loading } from "./ui/Opening";

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
          <AppShell />
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
            <Loading />
          )}
        </main>
      )}
      {offered ? <LinkQuestion viewer={viewer} /> : ended && viewer && <SignInAgain />}
      <IdleEnd />
    </>
  );
}
