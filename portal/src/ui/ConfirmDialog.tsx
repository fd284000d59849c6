// The question before something that can't be taken back lightly.
import { Dialog } from "./Dialog";
import { Notice } from "./Notice";
import { type Action, useAction } from "./use-action";

interface Props {
  title: string;
  /** What it means to say yes. */
  children: React.ReactNode;
  /** The safe button: all stays as it is. It comes first, and has the focus when the question opens. */
  cancel: string;
  onCancel: () => void;
  /** The button that does it; what it does throws a `Failure` to be told here. */
  confirm: string;
  onConfirm: () => void | Promise<void>;
  /** What the confirming button says while it is under way. */
  confirming?: string;
  /** How the confirming button looks. */
  tone?: "danger" | "primary" | "plain";
  /** Has the safe button stand out. */
  prefersCancel?: boolean;
  /** A third way, between the two. */
  other?: React.ReactNode;
  /** What is said under the buttons. */
  footnote?: React.ReactNode;
  /** Where the caller runs what is confirmed, and knows how it goes. */
  action?: Pick<Action, "busy" | "error">;
}

/** Asks; Enter and Escape do nothing but go back. */
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
