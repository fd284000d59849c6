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
      title={`Revoke access for ${person.name}?`}
      cancel="Cancel"
      onCancel={onClose}
      confirm="Revoke"
      confirming="Revoking…"
      onConfirm={revoke}
    >
      <p>
        They’ll be signed out straight away and can’t sign back in. Their history stays in the audit
        trail. You can restore their access later.
      </p>
      <p>If they have an access token, revoke that too, under “Access tokens”.</p>
    </ConfirmDialog>
  );
}
