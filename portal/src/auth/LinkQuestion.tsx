// The question for a signed-in person who has followed a sign-in link.
import { Failure } from "../api/errors";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { MESSAGES, UNREACHABLE } from "./messages";
import { acceptLink, declineLink } from "./signing";
import type { Viewer } from "./viewer";

/** Asks whether the followed link should replace the current sign-in. */
export function LinkQuestion({ viewer }: { viewer?: Viewer | undefined }) {
  return (
    <ConfirmDialog
      title="Sign in with this link?"
      cancel={viewer ? `Stay signed in as ${viewer.name}` : "Stay signed in"}
      prefersCancel
      onCancel={() => void declineLink()}
      confirm="Sign in with the link"
      confirming="Signing in…"
      tone="plain"
      onConfirm={take}
      footnote={
        <p className="quiet">
          Anything you’ve typed and not saved will be lost if you sign in with the link.
        </p>
      }
    >
      <p>
        You’re signed in
        {viewer ? (
          <>
            {" "}
            as <strong>{viewer.name}</strong> at <strong>{viewer.practice.name}</strong>
          </>
        ) : (
          " already"
        )}
        . The link you followed signs you in as someone else, perhaps at another practice. If you
        didn’t expect that, stay signed in.
      </p>
    </ConfirmDialog>
  );
}

async function take(): Promise<void> {
  const good = await acceptLink().catch(() => {
    throw new Failure(UNREACHABLE);
  });
  if (!good) throw new Failure(MESSAGES.refused[1]);
}
