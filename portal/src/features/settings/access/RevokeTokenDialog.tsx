// Confirms revoking a token, and revokes it.
import { Failure } from "../../../api/errors";
import { mutate } from "../../../api/operations";
import { useViewer } from "../../../auth/viewer";
import { RevokeTokenDocument, type TokenPartsFragment } from "../../../gql/graphql";
import { ConfirmDialog } from "../../../ui/ConfirmDialog";

interface Props {
  token: TokenPartsFragment;
  onClose: () => void;
  onRevoked: () => void;
}

/** Asks whether to revoke the token, and revokes it. */
export function RevokeTokenDialog({ token, onClose, onRevoked }: Props) {
  const viewer = useViewer();
  async function revoke() {
    const { revokeToken: done } = await mutate(RevokeTokenDocument, { input: { id: token.id } });
    if (done.__typename !== "AccessToken") throw new Failure(done.message);
    onRevoked();
  }
  return (
    <ConfirmDialog
      title={`Revoke the token of ${token.name}?`}
      cancel="Cancel"
      onCancel={onClose}
      confirm="Revoke it"
      confirming="Revoking…"
      onConfirm={revoke}
    >
      <p>
        Whoever uses it is let in no longer, from this moment on. This can’t be undone; you can make
        a new token.
      </p>
      {token.name === viewer.name && (
        <p>
          <strong>It has your name.</strong> If it is the one that you signed in with, this signs
          you out.
        </p>
      )}
    </ConfirmDialog>
  );
}
