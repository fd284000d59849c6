// The question before an action that is hard to undo.
import { Dialog } from "./Dialog";
import { Notice } from "./Notice";
import { type Action, useAction } from "./use-action";

interface Props {
  title: string;
  /** What confirming means. */
  children: React.ReactNode;
  /** The safe button, which changes nothing. It comes first, and has the focus at the start. */
  cancel: string;
  onCancel: () => void;
  /** The confirming button; a `Failure` that `onConfirm` throws is shown here. */
  confirm: string;
  onConfirm: () => void | Promise<void>;
  /** What the confirming button says while the action is in progress. */
  confirming?: string;
  /** The confirming button's style. */
  tone?: "danger" | "primary" | "plain";
  /** Makes the safe button stand out. */
  prefersCancel?: boolean;
  /** A third button, between the two. */
  other?: React.ReactNode;
  /** Text under the buttons. */
  footnote?: React.ReactNode;
  /** Given if the caller runs the action, and so knows its progress and error. */
  action?: Pick<Action, "busy" | "error">;
}

/** Asks for confirmation; Enter, on the focused safe button, and Escape only go back. */
export function ConfirmDialog({
  title,
  children,
  cancel,
  onCancel,
  confirm,
  onConfirm,
  confirming = confirm,
  tone = "danger",
  prefersCancel = false,
  other,
  footnote,
  action,
}: Props) {
  const own = useAction();
  const { busy, error } = action ?? own;
  return (
    <Dialog title={title} role="alertdialog" onClose={onCancel}>
      {children}
      <Notice>{error}</Notice>
      <div className="buttons">
        <button
          type="button"
          className={prefersCancel ? "primary" : undefined}
          autoFocus
          onClick={onCancel}
        >
          {cancel}
        </button>
        {other}
        <button
          type="button"
          className={tone === "plain" ? undefined : tone}
          aria-disabled={busy || undefined}
          onClick={() => void (action ? onConfirm() : own.run(async () => onConfirm()))}
        >
          {busy ? confirming : confirm}
        </button>
      </div>
      {footnote}
    </Dialog>
  );
}
