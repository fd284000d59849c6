// A button that says more when it is hovered, focused or touched. Light, for lists have many of them.
import { useEffect, useId, useLayoutEffect, useRef, useState } from "react";

interface Props {
  /** What it is called. */
  label: string;
  /** What it says when it is hovered or focused. */
  tip: string;
  children: React.ReactNode;
  className?: string;
  onPress?: (() => void) | undefined;
  /** -1: reached by the arrow keys of what it is in, not by Tab. */
  tabIndex?: number;
}

/** The words stay while the pointer is on them, and go with Escape (WCAG 1.4.13). */
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
          // A finger doesn't hover: it opens the words instead.
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

/** The words, above everything else: over the button, or under it where there is no room. */
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
