// Signing in: the page for it, and the dialogs over what one was doing when the sign-in ended, or
// when one followed a link that signs somebody in.
import { useState } from "react";

import { TextField } from "./parts/Field";
import { Notice } from "./parts/Notice";
import { Sheet } from "./parts/Sheet";
import {
  leaveLink,
  type Said,
  signInElsewhere,
  signInWithToken,
  signOut,
  takeLink,
  useSession,
} from "./session";
import type { Viewer } from "./viewer";

const UNREACHABLE = "Recalls can’t be reached just now. Check the connection and try again.";
const NO_GOOD =
  "That token doesn’t let anybody in: it may have ended, or not be all there. Please ask your admin for one.";

const SAID: Record<Exclude<Said, "another">, readonly ["plain" | "error" | "warning", string]> = {
  idle: ["plain", "You were signed out, for nobody had used Recalls here for a while."],
  ended: [
    "error",
    "Your sign-in has ended, or doesn’t let you in here. Please sign in again; if that doesn’t help, ask your admin.",
  ],
  refused: ["error", "That link doesn’t let anybody in. Please ask your admin for a new token."],
  link: ["error", "Links don’t sign anybody in here. Please sign in below."],
  untold: [
    "warning",
    "You are signed out on this computer. Recalls couldn’t be told, as it can’t be reached just now; there your sign-in ends by itself, unused.",
  ],
  provider: [
    "warning",
    "You are signed out of Recalls. Your organisation’s sign-in service may still know you on this computer: where others use it too, sign out there as well.",
  ],
};

export function SignInPage() {
  const { provider, renewing, said, ways } = useSession();
  const [kind, text] = said && said !== "another" ? SAID[said] : ["plain" as const, ""];
  return (
    <main className="alone">
      <h1>Recalls</h1>
      <p>Sign in to work your practice’s recalls.</p>
      <Notice kind={kind}>{text}</Notice>
      {provider?.failed && (
        <Notice>That didn’t work: the sign-in service didn’t let you in. Please try again.</Notice>
      )}
      {provider && (
        <button type="button" className="primary" onClick={() => void provider.start()}>
          Sign in
        </button>
      )}
      {!renewing && ways.tokens && (
        <>
          {provider && <p className="quiet">or</p>}
          <WithToken />
        </>
      )}
    </main>
  );
}

/** Goes over the page when the sign-in has ended; what is on the page stays, out of sight. */
export function SignInAgain() {
  const { provider } = useSession();
  return (
    <Sheet title="Please sign in again" role="alertdialog" cover>
      <p>Your sign-in has ended. Nothing you have typed is lost: it is still here underneath.</p>
      {provider ? (
        <button type="button" className="primary" onClick={signInElsewhere}>
          Sign in in a new window
        </button>
      ) : (
        <WithToken />
      )}
      <p className="quiet">
        For somebody else the page begins anew, and what was typed is lost.{" "}
        <button type="button" className="link" onClick={() => void signOut()}>
          Sign out
        </button>
      </p>
    </Sheet>
  );
}

function WithToken() {
  const [typed, setTyped] = useState("");
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  async function take(token: string): Promise<void> {
    setBusy(true);
    const problem = await signInWithToken(token).then(
      (good) => (good ? "" : NO_GOOD),
      () => UNREACHABLE,
    );
    setError(problem);
    setBusy(false);
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const token = typed.trim();
        if (!token) setError("Paste the access token that your admin gave you.");
        else if (!busy) void take(token);
      }}
    >
      <TextField
        label="Access token"
        hint="From your practice’s admin. It isn’t kept: next time you need it again."
        type="password"
        autoComplete="off"
        value={typed}
        onChange={setTyped}
        error={error}
      />
      <button type="submit" aria-disabled={busy}>
        {busy ? "Signing in…" : "Sign in with a token"}
      </button>
    </form>
  );
}

/** Asks who is signed in whether a link that was followed shall sign somebody in instead. */
export function LinkQuestion({ viewer }: { viewer?: Viewer | undefined }) {
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  async function take(): Promise<void> {
    setBusy(true);
    const problem = await takeLink().then(
      (good) => (good ? "" : SAID.refused[1]),
      () => UNREACHABLE,
    );
    setError(problem);
    setBusy(false);
  }
  const stay = () => void leaveLink();
  return (
    <Sheet title="Sign in by this link?" role="alertdialog" onClose={stay}>
      <p>
        You are signed in
        {viewer ? (
          <>
            {" "}
            as <strong>{viewer.name}</strong> at <strong>{viewer.practice.name}</strong>
          </>
        ) : (
          " already"
        )}
        . The link that you followed signs you in as somebody else, perhaps at another practice. If
        you didn’t expect that, stay as you are.
      </p>
      <Notice>{error}</Notice>
      <div className="buttons">
        <button type="button" className="primary" autoFocus onClick={stay}>
          {viewer ? `Stay signed in as ${viewer.name}` : "Stay as I am"}
        </button>
        <button type="button" aria-disabled={busy} onClick={() => busy || void take()}>
          {busy ? "Signing in…" : "Sign in by the link"}
        </button>
      </div>
      <p className="quiet">What is typed here and not saved is lost if you sign in by the link.</p>
    </Sheet>
  );
}
