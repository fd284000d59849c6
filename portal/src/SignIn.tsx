// Signing in: the page for it, and the dialog over what one was doing when the sign-in ended.
import { useState } from "react";

import { TextField } from "./parts/Field";
import { Notice } from "./parts/Notice";
import { Sheet } from "./parts/Sheet";
import { currentSession, signInElsewhere, signInWithToken, useSession } from "./session";

export function SignInPage({ refused = false }: { refused?: boolean }) {
  const { provider, renewing } = useSession();
  return (
    <main className="alone">
      <h1>Recalls</h1>
      <p>Sign in to work your practice’s recalls.</p>
      {refused && (
        <Notice>
          That token doesn’t let anybody in: it may have ended, or not be all there. Please ask your
          admin for one.
        </Notice>
      )}
      {provider?.failed && (
        <Notice>That didn’t work: the sign-in service didn’t let you in. Please try again.</Notice>
      )}
      {provider && (
        <button type="button" className="primary" onClick={() => void provider.start()}>
          Sign in
        </button>
      )}
      {!renewing && (
        <>
          {provider && <p className="quiet">or</p>}
          <WithToken />
        </>
      )}
    </main>
  );
}

/** Goes over the page when the sign-in has ended; what is on the page stays. */
export function SignInAgain() {
  const { provider } = useSession();
  return (
    <Sheet title="Please sign in again" role="alertdialog">
      <p>Your sign-in has ended. Nothing you have typed is lost: it is still here underneath.</p>
      {provider ? (
        <button type="button" className="primary" onClick={signInElsewhere}>
          Sign in in a new window
        </button>
      ) : (
        <WithToken />
      )}
    </Sheet>
  );
}

function WithToken() {
  const [typed, setTyped] = useState("");
  const [error, setError] = useState("");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const token = typed.trim();
        if (!token) setError("Paste the access token that your admin gave you.");
        else if (token === currentSession().token) setError("That is the token that has ended.");
        else signInWithToken(token);
      }}
    >
      <TextField
        label="Access token"
        hint="From your practice’s admin. It is forgotten when you close this tab."
        type="password"
        autoComplete="off"
        value={typed}
        onChange={setTyped}
        error={error}
      />
      <button type="submit">Sign in with a token</button>
    </form>
  );
}
