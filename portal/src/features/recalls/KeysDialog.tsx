// Lists the recall list's keyboard shortcuts.
import { Dialog } from "../../ui/Dialog";

const KEYS = [
  ["↑ ↓ or k j", "Up and down"],
  ["Page Up, Page Down, Home, End", "Jump"],
  ["Space or x", "Select or deselect"],
  ["Shift + ↑ ↓, Shift + Space", "Select a range"],
  ["Ctrl + A", "Select all"],
  ["Enter or o", "Open the recall"],
  ["s", "Send SMS to the selected"],
  ["c, l", "Record a call, a letter"],
  ["n", "No further action"],
  ["Escape", "Clear the selection"],
] as const;

/** The keys, and what each does. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Shortcuts" onClose={onClose}>
      <p>
        These work in the list. With nothing selected, C, L and N apply to the highlighted recall.
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
