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
      title="Sign in by this link?"
      cancel={viewer ? `Stay signed in as ${viewer.name}` : "Stay as I am"}
      prefersCancel
      onCancel={() => void declineLink()}
      confirm="Sign in by the link"
      confirming="Signing in…"
      tone="plain"
      onConfirm={take}
      footnote={
        <p className="quiet">
          What is typed here and not saved is lost if you sign in by the link.
        </p>
      }
    >
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
    </ConfirmDialog>
  );
}

async function take(): Promise<void> {
  const good = await acceptLink().catch(() => {
    throw new Failure(UNREACHABLE);
  });
  if (!good) throw new Failure(MESSAGES.refused[1]);
}
