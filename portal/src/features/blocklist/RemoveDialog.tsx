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
      title={`Remove ${number}?`}
      cancel={entry.blockedRecalls ? "Keep blocked" : "Keep"}
      onCancel={onClose}
      confirm="Remove from list"
      confirming="Removing…"
      onConfirm={remove}
    >
      <p>
        {entry.blockedRecalls
          ? `${names || "It"} can get recall SMS again.`
          : `${names || "It"} can get recall SMS, as now.`}
      </p>
      <p>Its history is kept.</p>
    </ConfirmDialog>
  );
}
