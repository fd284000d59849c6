// Marks recalls as needing no further action, once that has been confirmed: it can't be undone.
import { change, Failure } from "../client";
import { count, nameText } from "../format";
import { CloseRecallsDocument } from "../gql/graphql";
import { Notice } from "../parts/Notice";
import { Sheet } from "../parts/Sheet";
import { useAction } from "../parts/use-action";
import type { Selected } from "./use-selection";

/** What one call takes. */
const MOST = 1000;

interface Props {
  recalls: readonly Selected[];
  onClose: () => void;
  onClosed: (ids: readonly string[]) => void;
}

export function CloseSheet({ recalls, onClose, onClosed }: Props) {
  const action = useAction();
  const [only] = recalls;
  const close = () =>
    action.run(async () => {
      const ids = recalls.map((each) => each.id);
      for (let from = 0; from < ids.length; from += MOST) {
        const recallIds = ids.slice(from, from + MOST);
        const { markNoFurtherAction: result } = await change(CloseRecallsDocument, {
          input: { recallIds },
        });
        if (result.__typename === "UnknownRecalls") throw new Failure(result.message);
        onClosed(recallIds);
      }
      onClose();
    });
  return (
    <Sheet title="No further action?" role="alertdialog" onClose={onClose}>
      <p>
        {recalls.length === 1 && only
          ? `${nameText(only.patient)} · ${only.reason}`
          : count(recalls.length, "recall")}{" "}
        won’t be contacted again, by SMS, call or letter, and a message that is waiting won’t be
        sent. This can’t be undone here.
      </p>
      <Notice>{action.error}</Notice>
      <div className="buttons">
        <button type="button" className="primary" autoFocus onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          className="danger"
          aria-disabled={action.busy || undefined}
          onClick={() => void close()}
        >
          Mark as no further action
        </button>
      </div>
    </Sheet>
  );
}
