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
      title="Leave without saving?"
      cancel="Stay here"
      prefersCancel
      onCancel={stay}
      confirm="Leave, and lose the changes"
      onConfirm={() => {
        stay();
        navigate(leaving.to, { replace: leaving.back });
      }}
    >
      <p>What you have changed here is not saved. If you leave, it is lost.</p>
    </ConfirmDialog>
  );
}
