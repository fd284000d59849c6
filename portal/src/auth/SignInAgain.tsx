// The dialog that covers the page when the sign-in ends.
import { Dialog } from "../ui/Dialog";
import { TokenForm } from "./TokenForm";
import { useSession } from "./session";
import { signInElsewhere, signOut } from "./signing";

/** Covers the page when the sign-in has ended; the page's content stays, out of sight. */
export function SignInAgain() {
  const { provider } = useSession();
  return (
    <Dialog title="Please sign in again" role="alertdialog" cover>
      <p>Your sign-in has ended. Nothing you have typed is lost: it is still here underneath.</p>
      {provider ? (
        <button type="button" className="primary" onClick={signInElsewhere}>
          Sign in in a new window
        </button>
      ) : (
        <TokenForm />
      )}
      <p className="quiet">
        For somebody else the page begins anew, and what was typed is lost.{" "}
        <button type="button" className="link" onClick={() => void signOut()}>
          Sign out
        </button>
      </p>
    </Dialog>
  );
}
