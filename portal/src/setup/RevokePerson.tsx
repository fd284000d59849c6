// Asks before a person is kept out, and keeps them out.
import { change, Failure } from "../client";
import { type PersonPartsFragment, RevokePersonDocument } from "../gql/graphql";
import { Notice } from "../parts/Notice";
import { Sheet } from "../parts/Sheet";
import { useAction } from "../parts/use-action";

interface Props {
  person: PersonPartsFragment;
  onClose: () => void;
  onRevoked: () => void;
}

export function RevokePerson({ person, onClose, onRevoked }: Props) {
  const action = useAction();
  const revoke = () =>
    action.run(async () => {
      const input = { id: person.id };
      const { revokePerson: done } = await change(RevokePersonDocument, { input });
      if (done.__typename !== "Person") throw new Failure(done.message);
      onRevoked();
    });
  return (
    <Sheet title={`Revoke the access of ${person.name}?`} role="alertdialog" onClose={onClose}>
      <p>
        They are let in no longer, from this moment on, whatever your identity provider says. What
        they have done stays in the audit trail. You can let them in again.
      </p>
      <p>If they hold an access token as well, revoke that under “Access tokens”.</p>
      <Notice>{action.error}</Notice>
      <div className="buttons">
        <button type="button" autoFocus onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          className="danger"
          aria-disabled={action.busy}
          onClick={() => void revoke()}
        >
          {action.busy ? "Revoking…" : "Revoke it"}
        </button>
      </div>
    </Sheet>
  );
}
