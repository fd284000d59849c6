// A filter as a chip: a button that opens its choices and, while it is set, one that clears it.
import { Menu, type MenuItem } from "../../ui/Menu";
import { Popup } from "../../ui/Popup";
import { CloseIcon } from "../../ui/icons";

interface Common {
  name: string;
  /** What it is set to; "" if it isn't. */
  value: string;
  onClear: () => void;
}

interface Props extends Common {
  choices: readonly MenuItem[];
}

/** A filter by one of several choices. */
export function FilterChip({ choices, ...chip }: Props) {
  return (
    <Chip {...chip}>
      {(button, className) => <Menu button={button} className={className} items={choices} />}
    </Chip>
  );
}

interface PanelProps extends Common {
  children: React.ReactNode;
}

/** A filter with a panel of its own. */
export function PanelChip({ children, ...chip }: PanelProps) {
  return (
    <Chip {...chip}>
      {(button, className) => (
        <Popup button={button} className={className} role="dialog">
          {children}
        </Popup>
      )}
    </Chip>
  );
}

function Chip({
  name,
  value,
  onClear,
  children,
}: Common & { children: (button: React.ReactNode, className: string) => React.ReactNode }) {
  const button = value ? (
    <>
      {name.endsWith("?") ? name : `${name}:`} <strong>{value}</strong>
    </>
  ) : (
    <>
      {name} <span aria-hidden="true">▾</span>
    </>
  );
  return (
    <span className={value ? "chip chip-set" : "chip"}>
      {children(button, "chip-button")}
      {value && (
        <button
          type="button"
          className="chip-clear"
          aria-label={`Clear ${name}`}
          onClick={({ currentTarget }) => {
            currentTarget.parentElement?.querySelector("button")?.focus();
            onClear();
          }}
        >
          <CloseIcon />
        </button>
      )}
    </span>
  );
}
