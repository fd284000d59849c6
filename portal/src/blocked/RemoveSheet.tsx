// Asks before a number is taken off the blocked communication list.
import { change } from "../client";
import { mobileText, namesText } from "../format";
import { type BlockedEntryFragment, RemoveBlockedMobileDocument } from "../gql/graphql";
import { Notice } from "../parts/Notice";
import { Sheet } from "../parts/Sheet";
import { useAction } from "../parts/use-action";

interface Props {
  entry: BlockedEntryFragment;
  onClose: () => void;
  onGone: (by: "you" | "others") => void;
}

export function RemoveSheet({ entry, onClose, onGone }: Props) {
  const { busy, error, run } = useAction();
  const number = mobileText(entry.mobile);
  const names = namesText(entry.patients);

  const remove = () =>
    run(async () => {
      const input = { mobile: entry.mobile };
      const { removeBlockedMobile: result } = await change(RemoveBlockedMobileDocument, { input });
      onGone(result.__typename === "Removed" ? "you" : "others");
    });

  return (
    <Sheet title={`Take ${number} off the list?`} role="alertdialog" onClose={onClose}>
      <p>
        {entry.blockedRecalls
          ? `Recall SMS can then go to it again${names && `. It reaches ${names}`}.`
          : `Recall SMS can go to it, as they can now${names && `. It reaches ${names}`}.`}
      </p>
      <p>Its history stays: who put it on the list and who took it off, when and how.</p>
      <Notice>{error}</Notice>
      <div className="buttons">
        <button
          type="button"
          className="danger"
          aria-disabled={busy || undefined}
          onClick={() => void remove()}
        >
          {busy ? "Removing…" : "Remove from list"}
        </button>
        <button type="button" onClick={onClose}>
          Keep it
        </button>
      </div>
    </Sheet>
  );
}
