// Lists the recall list's keyboard shortcuts.
import { Dialog } from "../../ui/Dialog";

const KEYS = [
  ["↑ ↓ or k j", "the recall before, the next one"],
  ["Page Up, Page Down, Home, End", "further"],
  ["Space or x", "select, or leave out"],
  ["Shift + ↑ ↓, Shift + Space", "select a range"],
  ["Ctrl + A", "select all that match"],
  ["Enter or o", "open the recall"],
  ["s", "send SMS to the selected"],
  ["c, l", "record a call, a letter"],
  ["n", "no further action"],
  ["Escape", "clear the selection"],
] as const;

/** The keys, and what each does. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <p>
        While the list has the focus. Without a selection, c, l and n are for the recall you are at.
      </p>
      <dl className="facts">
        {KEYS.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
