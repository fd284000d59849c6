// The dialog that covers the page when the sign-in ends.
import { Dialog } from "../ui/Dialog";
import { TokenForm } from "./TokenForm";
import { useSession } from "./session";
import { signInElsewhere, signOut } from "./signing";

/** Covers the page when the sign-in has ended; the page's content stays, out of sight. */
export function SignInAgain() {
  const { provider } = useSession();
  return (
    <Dialog title="You’ve been signed out" role="alertdialog" cover>
      <p>Sign in to carry on where you were. What you’ve typed is still here.</p>
      {provider ? (
        <button type="button" className="primary" onClick={signInElsewhere}>
          Sign in (opens a new window)
        </button>
      ) : (
        <TokenForm />
      )}
      <p className="quiet">
        If someone else signs in, this page starts again and what you’ve typed is lost.{" "}
        <button type="button" className="link" onClick={() => void signOut()}>
          Sign out
        </button>
      </p>
    </Dialog>
  );
}
