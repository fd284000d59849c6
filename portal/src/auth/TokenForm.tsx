// Signing in with an access token.
import { useState } from "react";

import { TextField } from "../ui/Field";
import { UNREACHABLE } from "./messages";
import { signInWithToken } from "./signing";

const NO_GOOD =
  "That access token doesn’t work. It may have expired, or part of it is missing. Ask your practice manager for a new one.";

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
        if (!token) setError("Paste the access token that your practice manager gave you.");
        else if (!busy) void take(token);
      }}
    >
      <TextField
        label="Access token"
        hint="Your practice manager gives you this. You’ll need it again next time."
        type="password"
        autoComplete="off"
        value={typed}
        onChange={setTyped}
        error={error}
      />
      <button type="submit" aria-disabled={busy}>
        {busy ? "Signing in…" : "Sign in with an access token"}
      </button>
    </form>
  );
}
