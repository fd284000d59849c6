// Asks before a token is revoked, and revokes it.
import { change, Failure } from "../client";
import { RevokeTokenDocument, type TokenPartsFragment } from "../gql/graphql";
import { Notice } from "../parts/Notice";
import { Sheet } from "../parts/Sheet";
import { useAction } from "../parts/use-action";
import { useViewer } from "../viewer";

interface Props {
  token: TokenPartsFragment;
  onClose: () => void;
  onRevoked: () => void;
}

export function RevokeToken({ token, onClose, onRevoked }: Props) {
  const viewer = useViewer();
  const action = useAction();
  const revoke = () =>
    action.run(async () => {
      const { revokeToken: done } = await change(RevokeTokenDocument, { input: { id: token.id } });
      if (done.__typename !== "AccessToken") throw new Failure(done.message);
      onRevoked();
    });
  return (
    <Sheet title={`Revoke the token of ${token.name}?`} role="alertdialog" onClose={onClose}>
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
      <Notice>{action.error}</Notice>
      <div className="buttons">
        <button type="button" autoFocus onClick={onClose}>
          Cancel
        </button>
        <button type="button" className="danger" aria-disabled={action.busy} onClick={revoke}>
          {action.busy ? "Revoking…" : "Revoke it"}
        </button>
      </div>
    </Sheet>
  );
}
