// The actions for the selected recalls, and what an SMS send would do, before it happens.
import { useId, useState } from "react";

import type { RecallTab } from "../../gql/graphql";
import { count } from "../../text/format";
import { Dialog } from "../../ui/Dialog";
import { Menu, type MenuItem } from "../../ui/Menu";
import { Notice } from "../../ui/Notice";
import { handsFocusOn } from "../../ui/focus";
import { CloseIcon } from "../../ui/icons";
import { MessagePreview } from "./MessagePreview";
import { type Contact, fitFor } from "./recall-facts";
import { summaryText } from "./summary";
import type { Selection } from "./use-selection";
import type { Preview } from "./use-send-preview";
import type { Sending } from "./use-sending";

interface Props {
  tab: RecallTab;
  selection: Selection;
  preview: Preview;
  sending: Sending;
  onAct: (what: Contact) => void;
}

/** What each tab's recalls are due for; its button comes first. */
const PRIMARY: Partial<Record<RecallTab, Contact>> = { CALLS: "PHONE", LETTERS: "LETTER" };

/** The bar over the list's end while something is selected. */
export function SelectionBar({ tab, selection, preview, sending, onAct }: Props) {
  const [previewed, setPreviewed] = useState(false);
  const why = useId();
  const summary = summaryText(preview, selection.recalls);
  const chosen = [...selection.recalls.values()];
  const canSend = preview.sendable && !sending.busy;
  const primary = PRIMARY[tab] ?? "SMS";
  const error = sending.asking ? "" : sending.error || preview.error;

  const sms = (
    <button
      key="SMS"
      type="button"
      className={primary === "SMS" ? "primary" : undefined}
      aria-disabled={!canSend}
      aria-describedby={why}
      onClick={() => {
        // `aria-disabled` alone doesn't keep a press from getting here.
        if (canSend) sending.start();
      }}
    >
      Send {preview.messages ? `${preview.messages.toLocaleString("en-AU")} ` : ""}SMS
    </button>
  );
  const contact = (what: "PHONE" | "LETTER") => {
    const fit = fitFor(what, chosen).length;
    const noun = what === "PHONE" ? "call" : "letter";
    return (
      <button
        key={what}
        type="button"
        className={primary === what ? "primary" : "bar-more"}
        aria-disabled={!fit}
        onClick={() => {
          if (fit) onAct(what);
        }}
      >
        Record {fit > 1 ? count(fit, noun) : noun}
      </button>
    );
  };
  const buttons = [sms, contact("PHONE"), contact("LETTER")].sort(
    (a, b) => Number(b.key === primary) - Number(a.key === primary),
  );
  const narrow = (what: "PHONE" | "LETTER", text: string): MenuItem[] =>
    primary !== what && fitFor(what, chosen).length
      ? [{ text, className: "only-narrow", pick: () => onAct(what) }]
      : [];
  const items: MenuItem[] = [
    ...narrow("PHONE", "Record call"),
    ...narrow("LETTER", "Record letter"),
    ...(preview.drafts.length ? [{ text: "Preview", pick: () => setPreviewed(true) }] : []),
    ...(fitFor("CLOSE", chosen).length
      ? [{ text: "No further action", pick: () => onAct("CLOSE") }]
      : []),
  ];
  return (
    <section aria-label="Selected recalls" className="bar" ref={handsFocusOn}>
      <p className="bar-told" id={why}>
        <strong>{countText(selection)}</strong>
        {summary && ` – ${summary}`}
      </p>
      <div className="bar-buttons">
        {buttons}
        {items.length > 0 && (
          <Menu
            button={
              <>
                More <span aria-hidden="true">▾</span>
              </>
            }
            items={items}
          />
        )}
        <button
          type="button"
          className="plain icon"
          aria-label="Clear selection"
          onClick={selection.clear}
        >
          <CloseIcon />
        </button>
      </div>
      <Notice>{error}</Notice>
      {previewed && (
        <Dialog title="Preview" onClose={() => setPreviewed(false)}>
          <MessagePreview drafts={preview.drafts} />
        </Dialog>
      )}
    </section>
  );
}

/** Return "12 selected, 9 not in this list". */
export function countText({ recalls, elsewhere }: Selection): string {
  const selected = `${recalls.size.toLocaleString("en-AU")} selected`;
  return elsewhere
    ? `${selected}, ${elsewhere.toLocaleString("en-AU")} not in this list`
    : selected;
}
