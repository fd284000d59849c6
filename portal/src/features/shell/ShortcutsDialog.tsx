// The keyboard shortcuts, and the switch for those that are single keys.
import { Dialog } from "../../ui/Dialog";
import { Switch } from "../../ui/Switch";
import { RECALL_KEYS } from "../recalls/recall-keys";
import { setSingleKeys, useSingleKeys } from "./single-keys";

const ANYWHERE = [
  ["Ctrl + K", "find a patient or a page"],
  ["/", "search this page, or Recalls"],
  ["?", "these shortcuts"],
  ["g then t, r, s or b", "go to Today, Recalls, Sent messages or Blocked Communications"],
  ["u", "undo, while a message offers it"],
] as const;

/** The keys, and what each does. */
export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const single = useSingleKeys();
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <h3>Anywhere</h3>
      <Keys keys={ANYWHERE} />
      <Switch
        label="Single-key shortcuts"
        hint="Turn them off if you speak to your computer. Ctrl + K and the list’s own keys stay."
        error={undefined}
        checked={single}
        onChange={setSingleKeys}
      />
      <h3>In the list</h3>
      <p>
        These work in the list. With nothing selected, C, L and N apply to the highlighted recall.
      </p>
      <Keys keys={RECALL_KEYS} />
    </Dialog>
  );
}

function Keys({ keys }: { keys: readonly (readonly [string, string])[] }) {
  return (
    <dl className="facts">
      {keys.map(([key, what]) => (
        <div key={key}>
          <dt>
            <kbd>{key}</kbd>
          </dt>
          <dd>{what}</dd>
        </div>
      ))}
    </dl>
  );
}
