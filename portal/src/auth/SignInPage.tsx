// The sign-in page, with a note on how the last sign-in ended.
import { Notice } from "../ui/Notice";
import { TokenForm } from "./TokenForm";
import { MESSAGES } from "./messages";
import { useSession } from "./session";

/** Replaces every screen while nobody is signed in. */
export function SignInPage() {
  const { provider, renewing, message, ways } = useSession();
  const [kind, text] =
    message && message !== "another" ? MESSAGES[message] : ["plain" as const, ""];
  return (
    <main className="alone">
      <h1>Recalls</h1>
      <p>Sign in to your practice’s recalls</p>
      <Notice kind={kind}>{text}</Notice>
      {provider?.failed && (
        <Notice>We couldn’t sign you in. Try again, or ask your practice manager.</Notice>
      )}
      {provider && (
        <button type="button" className="primary" onClick={() => void provider.start()}>
          Sign in
        </button>
      )}
      {!renewing && ways.tokens && (
        <>
          {provider && <p className="quiet">or</p>}
          <TokenForm />
        </>
      )}
    </main>
  );
}
