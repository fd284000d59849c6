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
      title={`Revoke the token for ${token.name}?`}
      cancel="Cancel"
      onCancel={onClose}
      confirm="Revoke"
      confirming="Revoking…"
      onConfirm={revoke}
    >
      <p>
        They’ll be signed out straight away. You can’t undo this, but you can create a new token.
      </p>
      {token.name === viewer.name && (
        <p>
          <strong>It has your name.</strong> If you signed in with it, you’ll be signed out.
        </p>
      )}
    </ConfirmDialog>
  );
}
