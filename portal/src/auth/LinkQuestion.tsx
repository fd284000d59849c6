// The question of one who is signed in and has followed a link that signs somebody in.
import { Failure } from "../api/errors";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { SAID, UNREACHABLE } from "./said";
import { leaveLink, takeLink } from "./signing";
import type { Viewer } from "./viewer";

/** Asks who is signed in whether a link that was followed shall sign somebody in instead. */
export function LinkQuestion({ viewer }: { viewer?: Viewer | undefined }) {
  return (
    <ConfirmDialog
      title="Sign in by this link?"
      cancel={viewer ? `Stay signed in as ${viewer.name}` : "Stay as I am"}
      prefersCancel
      onCancel={() => void leaveLink()}
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
  const good = await takeLink().catch(() => {
    throw new Failure(UNREACHABLE);
  });
  if (!good) throw new Failure(SAID.refused[1]);
}
