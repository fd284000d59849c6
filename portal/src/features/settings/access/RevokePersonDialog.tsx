// Confirms revoking a person's access, and revokes it.
import { Failure } from "../../../api/errors";
import { mutate } from "../../../api/operations";
import { type PersonPartsFragment, RevokePersonDocument } from "../../../gql/graphql";
import { ConfirmDialog } from "../../../ui/ConfirmDialog";

interface Props {
  person: PersonPartsFragment;
  onClose: () => void;
  onRevoked: () => void;
}

/** Asks whether to revoke the person's access, and revokes it. */
export function RevokePersonDialog({ person, onClose, onRevoked }: Props) {
  async function revoke() {
    const input = { id: person.id };
    const { revokePerson: done } = await mutate(RevokePersonDocument, { input });
    if (done.__typename !== "Person") throw new Failure(done.message);
    onRevoked();
  }
  return (
    <ConfirmDialog
      title={`Revoke the access of ${person.name}?`}
      cancel="Cancel"
      onCancel={onClose}
      confirm="Revoke it"
      confirming="Revoking…"
      onConfirm={revoke}
    >
      <p>
        They are let in no longer, from this moment on, whatever your identity provider says. What
        they have done stays in the audit trail. You can let them in again.
      </p>
      <p>If they hold an access token as well, revoke that under “Access tokens”.</p>
    </ConfirmDialog>
  );
}
