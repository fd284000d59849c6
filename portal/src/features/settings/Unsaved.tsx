// Asks before what was changed and not saved is left behind.
import { useEffect, useState } from "react";
import { useLocation } from "wouter";

import { holdHere, type Leaving } from "../../auth/leaving";
import { ConfirmDialog } from "../../ui/ConfirmDialog";

/** While something is `unsaved`, links, Back and closing the page ask first. */
export function Unsaved({ unsaved }: { unsaved: boolean }) {
  const [, navigate] = useLocation();
  const [leaving, setLeaving] = useState<Leaving>();
  useEffect(() => (unsaved ? holdHere(setLeaving) : undefined), [unsaved]);
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
