// Confirms taking a number off the blocked communication list.
import { mutate } from "../../api/operations";
import { type BlockedEntryFragment, RemoveBlockedMobileDocument } from "../../gql/graphql";
import { mobileText, namesText } from "../../text/format";
import { ConfirmDialog } from "../../ui/ConfirmDialog";

interface Props {
  entry: BlockedEntryFragment;
  onClose: () => void;
  onGone: (by: "you" | "others") => void;
}

/** Asks whether to take the number off the list, and does so. */
export function RemoveDialog({ entry, onClose, onGone }: Props) {
  const number = mobileText(entry.mobile);
  const names = namesText(entry.patients);
  async function remove() {
    const input = { mobile: entry.mobile };
    const { removeBlockedMobile: result } = await mutate(RemoveBlockedMobileDocument, { input });
    onGone(result.__typename === "Removed" ? "you" : "others");
  }
  return (
    <ConfirmDialog
      title={`Take ${number} off the list?`}
      cancel="Keep it"
      onCancel={onClose}
      confirm="Remove from list"
      confirming="Removing…"
      onConfirm={remove}
    >
      <p>
        {entry.blockedRecalls
          ? `Recall SMS can then go to it again${names && `. It reaches ${names}`}.`
          : `Recall SMS can go to it, as they can now${names && `. It reaches ${names}`}.`}
      </p>
      <p>Its history stays: who put it on the list and who took it off, when and how.</p>
    </ConfirmDialog>
  );
}
