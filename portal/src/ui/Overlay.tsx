// What a dialog and a drawer have in common: they lie over the page, with a title and a way out.
import { useEffect } from "react";
import { Button, Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";

import { focusTheContent } from "./focus";
import { CloseIcon } from "./icons";

export interface OverlayProps {
  title: string;
  children: React.ReactNode;
  /** Left out: it stays until what it asks for is done. */
  onClose?: (() => void) | undefined;
  /** alertdialog: something has to be decided. */
  role?: "dialog" | "alertdialog";
}

interface Props extends OverlayProps {
  /** How it looks: of what is under it, and of what lies over that. */
  overlayClass: string;
  sheetClass: string;
}

/** Shows its children over the page until `onClose`: Escape, its button, or a press beside it. */
export function Overlay({
  title,
  children,
  onClose,
  role = "dialog",
  overlayClass,
  sheetClass,
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
      className={overlayClass}
    >
      <Modal className={sheetClass}>
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
