// An entry of the blocked communication list: who uses it, its tick, history and removal.
import { useId, useRef, useState } from "react";

import { mutate } from "../../api/operations";
import { type BlockedEntryFragment, SetBlockedRecallsDocument } from "../../gql/graphql";
import { mobileText } from "../../text/format";
import { Notice } from "../../ui/Notice";
import { useAction } from "../../ui/use-action";
import { handedOver, usedBy } from "./BlockForm";
import { History } from "./History";
import { RemoveDialog } from "./RemoveDialog";

interface Props {
  entry: BlockedEntryFragment;
  /** Called with the changed entry. */
  onChanged: (entry: BlockedEntryFragment) => void;
  /** Called when it is off the list, and by whom: this person, or someone else. */
  onGone: (by: "you" | "others") => void;
}

/** One entry of the list. */
export function Entry({ entry, onChanged, onGone }: Props) {
  const { busy, error, run } = useAction();
  const [saved, setSaved] = useState({ blocked: false, text: "" });
  const [wanted, setWanted] = useState(entry.blockedRecalls);
  const [open, setOpen] = useState(false);
  const [removing, setRemoving] = useState(false);
  const box = useRef<HTMLInputElement>(null);
  const history = useId();
  const number = mobileText(entry.mobile);
  const of = <span className="unseen"> of {number}</span>;

  const setBlocked = (blocked: boolean) => {
    setWanted(blocked);
    return run(async () => {
      const input = { mobile: entry.mobile, blocked };
      const { setBlockedRecalls: result } = await mutate(SetBlockedRecallsDocument, { input });
      if (result.__typename !== "BlockedCommunication") {
        onGone("others");
        return;
      }
      const text = blocked
        ? `${number} is blocked – no more recall SMS.${handedOver(result)}`
        : `${number} can get recall SMS again.`;
      setSaved({ blocked, text });
      onChanged(result);
    });
  };

  return (
    <li className="blocked-entry">
      <div className="blocked-whom">
        <h3 className="number" tabIndex={-1}>
          {number}
        </h3>
        <p>{usedBy(entry.patients)}</p>
        {entry.note && <p className="quiet">{entry.note}</p>}
      </div>
      <div className="blocked-box">
        <label className="check">
          {/* It changes at once, and back if that can’t be saved. */}
          <input
            ref={box}
            type="checkbox"
            checked={busy ? wanted : entry.blockedRecalls}
            aria-busy={busy}
            aria-disabled={busy || undefined}
            onChange={(event) => void setBlocked(event.target.checked)}
          />
          <span>
            Blocked Recalls<span className="unseen"> for {number}</span>
          </span>
        </label>
        <Notice kind="plain">
          {busy
            ? "Saving…"
            : saved.text &&
              saved.blocked === entry.blockedRecalls && (
                <>
                  {saved.text}{" "}
                  {!saved.blocked && (
                    <button
                      type="button"
                      className="link"
                      onClick={() => {
                        box.current?.focus();
                        void setBlocked(true);
                      }}
                    >
                      Undo
                    </button>
                  )}
                </>
              )}
        </Notice>
        <Notice>{error}</Notice>
      </div>
      <div className="row blocked-more">
        <button
          type="button"
          className="plain"
          aria-expanded={open}
          aria-controls={history}
          onClick={() => setOpen(!open)}
        >
          History{of}
        </button>
        <button type="button" className="plain" onClick={() => setRemoving(true)}>
          Remove from list<span className="unseen">: {number}</span>
        </button>
      </div>
      <div id={history} className="blocked-history" hidden={!open}>
        {open && <History id={entry.id} />}
      </div>
      {removing && (
        <RemoveDialog
          entry={entry}
          onClose={() => setRemoving(false)}
          onGone={(by) => {
            setRemoving(false);
            onGone(by);
          }}
        />
      )}
    </li>
  );
}
