// A button that opens a small panel beside it, for filters and menus.
import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";

const Close = createContext<() => void>(() => {});

/** Return what closes the panel that this is in, and puts the focus back on its button. */
export const useClosePopup = (): (() => void) => useContext(Close);

interface Props {
  /** What the button shows. */
  button: React.ReactNode;
  /** The button's and the panel's name, if what the button shows doesn't say it. */
  name?: string | undefined;
  className?: string;
  /** menu if the panel has only buttons: the arrow keys then move between them. */
  role: "menu" | "dialog";
  tabIndex?: number;
  /** What is in the panel. */
  children: React.ReactNode;
}

/** The panel closes on Escape, on a press or scroll outside it, and when the focus leaves it. */
export function Popup({ button, name, className, role, tabIndex = 0, children }: Props) {
  const [open, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const id = useId();
  const leave = useCallback(() => setOpen(false), []);
  const close = useCallback(() => {
    setOpen(false);
    opener.current?.focus();
  }, []);
  return (
    <span className="popup-place">
      <button
        type="button"
        ref={opener}
        aria-label={name}
        aria-haspopup={role}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        className={className}
        tabIndex={tabIndex}
        onClick={() => setOpen(!open)}
      >
        {button}
      </button>
      {open && (
        <Close value={close}>
          <Panel {...{ id, role, name, opener, leave, close }}>{children}</Panel>
        </Close>
      )}
    </span>
  );
}

interface PanelProps extends Pick<Props, "role" | "name"> {
  id: string;
  opener: React.RefObject<HTMLButtonElement | null>;
  leave: () => void;
  close: () => void;
  children: React.ReactNode;
}

function Panel({ id, role, name, opener, leave, close, children }: PanelProps) {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const panel = ref.current;
    const button = opener.current?.getBoundingClientRect();
    if (!panel || !button) return;
    panel.showPopover();
    const { width, height } = panel.getBoundingClientRect();
    const { clientWidth, clientHeight } = document.documentElement;
    const below = button.bottom + height + 8 <= clientHeight || button.top < height + 8;
    const top = below ? button.bottom + 4 : button.top - height - 4;
    panel.style.left = `${Math.max(8, Math.min(button.left, clientWidth - width - 8))}px`;
    panel.style.top = `${Math.max(8, Math.min(top, clientHeight - height - 8))}px`;
    const first =
      panel.querySelector<HTMLElement>("[aria-checked=true]") ??
      panel.querySelector<HTMLElement>("button, input, select");
    first?.focus({ preventScroll: true });
  }, [opener]);
  useEffect(() => {
    const within = ({ target }: Event) =>
      target instanceof Node &&
      (ref.current?.contains(target) === true || opener.current?.contains(target) === true);
    const outside = (event: Event) => within(event) || leave();
    const key = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      event.preventDefault();
      close();
    };
    addEventListener("pointerdown", outside, true);
    addEventListener("scroll", outside, { passive: true, capture: true });
    addEventListener("resize", leave);
    addEventListener("keydown", key, true);
    return () => {
      removeEventListener("pointerdown", outside, true);
      removeEventListener("scroll", outside, { capture: true });
      removeEventListener("resize", leave);
      removeEventListener("keydown", key, true);
    };
  }, [opener, leave, close]);

  // The keys are the panel's own, whatever they mean around it.
  const onKeyDown = (event: React.KeyboardEvent) => {
    event.stopPropagation();
    if (role !== "menu") return;
    // From the button, so that Tab goes on from there.
    if (event.key === "Tab") return close();
    const items = [...(ref.current?.querySelectorAll<HTMLElement>("button") ?? [])].filter(
      (each) => each.offsetParent !== null,
    );
    const at = items.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    items.at(to % items.length)?.focus();
  };
  return (
    // It has a role, one of two.
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      id={id}
      ref={ref}
      role={role}
      aria-label={name}
      popover="manual"
      className={role === "menu" ? "popup menu" : "popup"}
      tabIndex={-1}
      onKeyDown={onKeyDown}
      onClick={(event) => event.stopPropagation()}
      onBlur={({ relatedTarget: taker }) => {
        if (taker && !ref.current?.contains(taker) && taker !== opener.current) leave();
      }}
    >
      {children}
    </div>
  );
}
