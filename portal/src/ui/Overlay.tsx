// What dialogs and drawers have in common: they cover the page, with a title and a way out.
import { useEffect } from "react";
import { Button, Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";

import { focusTheContent } from "./focus";
import { CloseIcon } from "./icons";

export interface OverlayProps {
  title: string;
  children: React.ReactNode;
  /** If left out, it stays until what it asks for is done. */
  onClose?: (() => void) | undefined;
  /** alertdialog if something has to be decided. */
  role?: "dialog" | "alertdialog";
}

interface Props extends OverlayProps {
  /** The CSS classes of the backdrop and of the sheet on it. */
  overlayClass: string;
  sheetClass: string;
}

/** Shows its children over the page until `onClose`, by Escape, its button, or a click outside. */
export function Overlay({
  title,
  children,
  onClose,
  role = "dialog",
  overlayClass,
  sheetClass,
}: Props) {
  // In the next frame the focus returns to what opened this; if that is gone, to the content.
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
