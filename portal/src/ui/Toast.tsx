// A line docked under the page: what has just happened, what can be done about it, and a way to close it.
import { useEffect, useRef, useState } from "react";

import { handsFocusOn } from "./focus";
import { CloseIcon } from "./icons";
import { type Toast, dropToast, useToasts } from "./toasts";
import { useAction } from "./use-action";

interface LineProps {
  children: React.ReactNode;
  /** What went wrong with what the line offers. */
  error?: string;
  onClose: () => void;
  /** While somebody points at it or has the focus in it, true. */
  onHold?: (held: boolean) => void;
}

/** One line with a button that closes it. */
export function ToastLine({ children, error = "", onClose, onHold }: LineProps) {
  return (
    // Pointing at it or focusing what is in it only makes it stay.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <article
      className="toast"
      ref={handsFocusOn}
      onPointerEnter={() => onHold?.(true)}
      onPointerLeave={() => onHold?.(false)}
      onFocus={() => onHold?.(true)}
      onBlur={() => onHold?.(false)}
    >
      {children}
      <span role="alert" className="toast-error">
        {error}
      </span>
      <button type="button" className="plain icon" aria-label="Close" onClick={onClose}>
        <CloseIcon />
      </button>
    </article>
  );
}

/** A line's button that takes back what was done; the key `u` presses the newest. */
export function UndoButton({ busy, onUndo }: { busy: boolean; onUndo: () => void }) {
  return (
    <button
      type="button"
      ref={handsFocusOn}
      data-undo=""
      aria-disabled={busy || undefined}
      onClick={onUndo}
    >
      Undo
    </button>
  );
}

/** Press the newest button that takes something back, if there is one. */
export function pressUndo(): void {
  [...document.querySelectorAll<HTMLElement>("[data-undo]")].at(-1)?.click();
}

/** What `showToast` was told. */
export function Toasts() {
  return useToasts().map((toast) => <TimedToast key={toast.id} toast={toast} />);
}

/** Milliseconds for which a line is there, longer if it takes something back. */
const TIME = { plain: 6_000, undo: 10_000 };

function TimedToast({ toast: { id, text, undo } }: { toast: Toast }) {
  const [held, setHeld] = useState(false);
  const left = useRef(undo ? TIME.undo : TIME.plain);
  const { busy, error, run } = useAction();
  const waits = held || busy || error !== "";
  useEffect(() => {
    if (waits) return;
    const began = Date.now();
    const timer = setTimeout(() => dropToast(id), left.current);
    return () => {
      clearTimeout(timer);
      left.current -= Date.now() - began;
    };
  }, [waits, id]);
  return (
    <ToastLine error={error} onClose={() => dropToast(id)} onHold={setHeld}>
      <p>{text}</p>
      {undo && (
        <UndoButton
          busy={busy}
          onUndo={() =>
            void run(async () => {
              await undo();
              dropToast(id);
            })
          }
        />
      )}
    </ToastLine>
  );
}
