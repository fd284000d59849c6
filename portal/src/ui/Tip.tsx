// A button with a tooltip on hover, focus or touch. It is light, because lists have many of them.
import { useEffect, useId, useLayoutEffect, useRef, useState } from "react";

interface Props {
  /** The button's name. */
  label: string;
  /** The tooltip's text. */
  tip: string;
  children: React.ReactNode;
  className?: string;
  onPress?: (() => void) | undefined;
  /** -1 if it is reached by the arrow keys of its container, not by Tab. */
  tabIndex?: number;
}

/** The tooltip stays while the pointer is on it, and closes on Escape (WCAG 1.4.13). */
export function Tip({ label, tip, children, className = "", onPress, tabIndex = 0 }: Props) {
  const [open, setOpen] = useState(false);
  const touched = useRef(false);
  const id = useId();
  return (
    <span
      className="tip-place"
      onPointerEnter={({ pointerType }) => pointerType !== "touch" && setOpen(true)}
      onPointerLeave={() => setOpen(false)}
      onFocus={({ target }) => target.matches(":focus-visible") && setOpen(true)}
      onBlur={() => setOpen(false)}
    >
      <button
        type="button"
        aria-label={label}
        aria-describedby={open ? id : undefined}
        className={`plain ${className}`}
        tabIndex={tabIndex}
        onPointerDown={({ pointerType }) => {
          touched.current = pointerType === "touch";
        }}
        onClick={() => {
          // Fingers can't hover, so touch opens the tooltip instead.
          if (touched.current) setOpen(true);
          else onPress?.();
        }}
      >
        {children}
      </button>
      {open && <Words id={id} text={tip} onClose={() => setOpen(false)} />}
    </span>
  );
}

/** The tooltip, on top of everything: above the button, or below it if there is no room. */
function Words({ id, text, onClose }: { id: string; text: string; onClose: () => void }) {
  const ref = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    const words = ref.current;
    const button = words?.previousElementSibling?.getBoundingClientRect();
    if (!words || !button) return;
    words.showPopover();
    const { width, height } = words.getBoundingClientRect();
    const left = button.left + button.width / 2 - width / 2;
    const farthest = document.documentElement.clientWidth - width - 8;
    words.style.left = `${Math.max(8, Math.min(left, farthest))}px`;
    words.style.top = `${button.top > height + 12 ? button.top - height : button.bottom}px`;
  }, []);
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      onClose();
    };
    addEventListener("keydown", key, true);
    addEventListener("scroll", onClose, { passive: true, capture: true });
    return () => {
      removeEventListener("keydown", key, true);
      removeEventListener("scroll", onClose, { capture: true });
    };
  }, [onClose]);
  return (
    <span role="tooltip" id={id} ref={ref} popover="manual" className="tip">
      {text}
    </span>
  );
}
