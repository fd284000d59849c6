// What opens over the page: a dialog in its middle, or a panel at its side.
import { useEffect } from "react";
import { Button, Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";

import { focusTheContent } from "./focus";
import { CloseIcon } from "./icons";

interface Props {
  title: string;
  children: React.ReactNode;
  /** Left out: it stays until what it asks for is done. */
  onClose?: () => void;
  /** A panel at the side keeps the list in view. */
  side?: boolean;
  /** Hides what is under it. */
  cover?: boolean;
  /** alertdialog: something has to be decided. */
  role?: "dialog" | "alertdialog";
}

/** Shows its children over the page until `onClose`: Escape, its button, or a press beside it. */
export function Sheet({
  title,
  children,
  onClose,
  side = false,
  cover = false,
  role = "dialog",
}: Props) {
  // The focus goes back to what opened it, in the next frame; that may have gone.
  useEffect(
    () => () => void requestAnimationFrame(() => requestAnimationFrame(focusTheContent)),
    [],
  );
  return (
    <ModalOverlay
      isOpen
      isDismissable={role === "dialog"}
      isKeyboardDismissDisabled={!onClose}
      onOpenChange={(open) => open || onClose?.()}
      className={`overlay ${side ? "overlay-side" : ""} ${cover ? "overlay-cover" : ""}`}
    >
      <Modal className={side ? "sheet sheet-side" : "sheet"}>
        <Dialog role={role} className="sheet-body">
          <header className="sheet-head">
            <Heading slot="title" level={2}>
              {title}
            </Heading>
            {onClose && (
              <Button className="plain icon" aria-label="Close" onPress={onClose}>
                <CloseIcon />
              </Button>
            )}
          </header>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
