// Asks before what was changed and not saved is left behind.
import { useEffect, useState } from "react";
import { useLocation } from "wouter";

import { holdHere, type Leaving } from "../leaving";
import { Sheet } from "../parts/Sheet";

/** While something is `unsaved`, links, Back and closing the page ask first. */
export function Unsaved({ unsaved }: { unsaved: boolean }) {
  const [, navigate] = useLocation();
  const [leaving, setLeaving] = useState<Leaving>();
  useEffect(() => (unsaved ? holdHere(setLeaving) : undefined), [unsaved]);
  if (!leaving) return null;
  const stay = () => setLeaving(undefined);
  return (
    <Sheet title="Leave without saving?" role="alertdialog" onClose={stay}>
      <p>What you have changed here is not saved. If you leave, it is lost.</p>
      <div className="buttons">
        <button type="button" className="primary" autoFocus onClick={stay}>
          Stay here
        </button>
        <button
          type="button"
          className="danger"
          onClick={() => {
            stay();
            navigate(leaving.to, { replace: leaving.back });
          }}
        >
          Leave, and lose the changes
        </button>
      </div>
    </Sheet>
  );
}
