// A button with a menu.
import { Popup, useClosePopup } from "./Popup";

export interface MenuItem {
  readonly text: string;
  /** Given if it is one of several to choose from: whether it is chosen. */
  readonly checked?: boolean;
  readonly className?: string;
  pick(): void;
}

interface Props {
  button: React.ReactNode;
  name?: string;
  className?: string;
  tabIndex?: number;
  items: readonly MenuItem[];
}

/** A button that opens a menu; picking an item closes it. */
export function Menu({ items, ...popup }: Props) {
  return (
    <Popup {...popup} role="menu">
      <Items items={items} />
    </Popup>
  );
}

function Items({ items }: Pick<Props, "items">) {
  const close = useClosePopup();
  return items.map(({ text, checked, className, pick }) => (
    <button
      key={text}
      type="button"
      role={checked === undefined ? "menuitem" : "menuitemradio"}
      aria-checked={checked}
      className={className}
      tabIndex={-1}
      onClick={() => {
        close();
        pick();
      }}
    >
      {text}
    </button>
  ));
}
