// The page for signing in, with what became of the sign-in before.
import { Notice } from "../ui/Notice";
import { TokenForm } from "./TokenForm";
import { SAID } from "./said";
import { useSession } from "./session";

/** Stands in the place of every screen while nobody is signed in. */
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
          <TokenForm />
        </>
      )}
    </main>
  );
}
