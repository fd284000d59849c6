// Signing in with an access token.
import { useState } from "react";

import { TextField } from "../ui/Field";
import { UNREACHABLE } from "./messages";
import { signInWithToken } from "./signing";

const NO_GOOD =
  "That token doesn’t let anybody in: it may have ended, or not be all there. Please ask your admin for one.";

/** A form for an access token, with an error if the token is no good. */
export function TokenForm() {
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
