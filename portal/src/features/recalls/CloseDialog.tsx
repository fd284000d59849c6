// Marks recalls as needing no further action, after a question; it can be undone.
import { Failure } from "../../api/errors";
import { mutate } from "../../api/operations";
import { CloseRecallsDocument } from "../../gql/graphql";
import { count, nameText } from "../../text/format";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { showToast } from "../../ui/toasts";
import { recallText } from "./recall-facts";
import type { Selected } from "./selection";
import { reopenRecalls } from "./undo";

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
  const one = recalls.length === 1 && only !== undefined;
  async function close() {
    const ids = recalls.map((each) => each.id);
    const closed: string[] = [];
    try {
      await closeEach(ids, closed);
    } finally {
      if (closed.length) {
        showToast(
          `No further action for ${one ? nameText(only.patient) : count(closed.length, "recall")}`,
          () => reopenRecalls(closed),
        );
      }
    }
    onClose();
  }
  async function closeEach(ids: readonly string[], closed: string[]) {
    for (let from = 0; from < ids.length; from += MAX_RECALLS) {
      const recallIds = ids.slice(from, from + MAX_RECALLS);
      const { markNoFurtherAction: result } = await mutate(CloseRecallsDocument, {
        input: { recallIds },
      });
      if (result.__typename === "UnknownRecalls") throw new Failure(result.message);
      closed.push(...recallIds);
      onClosed(recallIds);
    }
  }
  return (
    <ConfirmDialog
      title="No further action?"
      cancel="Cancel"
      prefersCancel
      onCancel={onClose}
      confirm={
        one ? "No further action" : `No further action for ${count(recalls.length, "recall")}`
      }
      onConfirm={close}
    >
      {one ? (
        <p>
          {recallText(only)}: we won’t contact the patient about this recall again. Any SMS waiting
          to go is cancelled.
        </p>
      ) : (
        <p>
          We won’t contact these patients about these {count(recalls.length, "recall")} again. Any
          SMS waiting to go is cancelled.
        </p>
      )}
    </ConfirmDialog>
  );
}
