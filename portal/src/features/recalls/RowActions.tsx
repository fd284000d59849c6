// What can be done for the recall of a row.
import { nameText } from "../../text/format";
import { Menu, type MenuItem } from "../../ui/Menu";
import { CallIcon, LetterIcon, MoreIcon } from "../../ui/icons";
import { SmsIcon } from "./SmsIcon";
import { canContact, type Contact, isOpen } from "./recall-facts";
import type { RecallRow } from "./use-recall-list";

interface Props {
  recall: RecallRow;
  tabIndex: 0 | -1;
  onOpen: (recall: RecallRow) => void;
  onAct: (what: Contact, recall: RecallRow) => void;
}

/** The mobile icon, call, letter, and a menu; a closed recall has only the menu. */
export function RowActions({ recall, tabIndex, onOpen, onAct }: Props) {
  const name = nameText(recall.patient);
  const contact = canContact(recall);
  // Where there is no room for their buttons, calls and letters are in the menu.
  const items: MenuItem[] = [{ text: "Details", pick: () => onOpen(recall) }];
  if (contact) {
    items.push(
      { text: "Record call", className: "only-narrow", pick: () => onAct("PHONE", recall) },
      { text: "Record letter", className: "only-narrow", pick: () => onAct("LETTER", recall) },
    );
  }
  if (isOpen(recall)) items.push({ text: "No further action", pick: () => onAct("CLOSE", recall) });
  return (
    <>
      {isOpen(recall) && (
        <SmsIcon
          status={recall.smsStatus}
          of={name}
          reachable={tabIndex === 0}
          onPress={() => onOpen(recall)}
        />
      )}
      {contact && (
        <>
          <button
            type="button"
            className="plain icon only-wide"
            aria-label={`Record call: ${name}`}
            tabIndex={tabIndex}
            onClick={() => onAct("PHONE", recall)}
          >
            <CallIcon />
          </button>
          <button
            type="button"
            className="plain icon only-wide"
            aria-label={`Record letter: ${name}`}
            tabIndex={tabIndex}
            onClick={() => onAct("LETTER", recall)}
          >
            <LetterIcon />
          </button>
        </>
      )}
      <Menu
        button={<MoreIcon />}
        name={`More: ${name}`}
        className="plain icon"
        tabIndex={tabIndex}
        items={items}
      />
    </>
  );
}
