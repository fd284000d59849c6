// Marks recalls as needing no further action. It can't be undone, so it asks first.
import { Failure } from "../../api/errors";
import { mutate } from "../../api/operations";
import { CloseRecallsDocument } from "../../gql/graphql";
import { count, nameText } from "../../text/format";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import type { Selected } from "./selection";

/** The most that one call takes. */
const MAX_RECALLS = 1000;

interface Props {
  recalls: readonly Selected[];
  onClose: () => void;
  onClosed: (ids: readonly string[]) => void;
}

/** Asks whether the recalls need no further action, and marks them as such. */
export function CloseDialog({ recalls, onClose, onClosed }: Props) {
  const [only] = recalls;
  async function close() {
    const ids = recalls.map((each) => each.id);
    for (let from = 0; from < ids.length; from += MAX_RECALLS) {
      const recallIds = ids.slice(from, from + MAX_RECALLS);
      const { markNoFurtherAction: result } = await mutate(CloseRecallsDocument, {
        input: { recallIds },
      });
      if (result.__typename === "UnknownRecalls") throw new Failure(result.message);
      onClosed(recallIds);
    }
    onClose();
  }
  return (
    <ConfirmDialog
      title="No further action?"
      cancel="Cancel"
      prefersCancel
      onCancel={onClose}
      confirm="Mark as no further action"
      onConfirm={close}
    >
      <p>
        {recalls.length === 1 && only
          ? `${nameText(only.patient)} · ${only.reason}`
          : count(recalls.length, "recall")}{" "}
        won’t be contacted again, by SMS, call or letter, and a message that is waiting won’t be
        sent. This can’t be undone here.
      </p>
    </ConfirmDialog>
  );
}
