// Asks before unsaved changes are lost.
import { useEffect, useState } from "react";
import { useLocation } from "wouter";

import { askBeforeLeaving, type Leaving } from "../../auth/leaving";
import { ConfirmDialog } from "../../ui/ConfirmDialog";

/** While something is `unsaved`, asks before links, Back and closing the page take effect. */
export function Unsaved({ unsaved }: { unsaved: boolean }) {
  const [, navigate] = useLocation();
  const [leaving, setLeaving] = useState<Leaving>();
  useEffect(() => (unsaved ? askBeforeLeaving(setLeaving) : undefined), [unsaved]);
  if (!leaving) return null;
  const stay = () => setLeaving(undefined);
  return (
    <ConfirmDialog
      title="Discard your changes?"
      cancel="Keep editing"
      prefersCancel
      onCancel={stay}
      confirm="Discard"
      onConfirm={() => {
        stay();
        navigate(leaving.to, { replace: leaving.back });
      }}
    >
      <p>You haven’t saved what you changed on this page.</p>
    </ConfirmDialog>
  );
}
