// Keeps rows where they are while the pointer is pressed, so that a press hits what was aimed at.
import { useEffect, useState } from "react";

interface Steady<Rows> {
  readonly rows: Rows;
  onPointerDown(event: React.PointerEvent): void;
}

/** Return the rows, or during a press on one those at its beginning. */
export function useSteady<Rows>(rows: Rows): Steady<Rows> {
  const [held, setHeld] = useState<{ rows: Rows } | null>(null);
  useEffect(() => {
    if (!held) return;
    // After the click, which comes after the pointer is up.
    const release = () => setTimeout(() => setHeld(null));
    addEventListener("pointerup", release, true);
    addEventListener("pointercancel", release, true);
    return () => {
      removeEventListener("pointerup", release, true);
      removeEventListener("pointercancel", release, true);
    };
  }, [held]);
  return {
    rows: held ? held.rows : rows,
    onPointerDown: ({ target }) => {
      // Not on the scroll bar, whose release isn't reported.
      if ((target as Element).closest("[data-index]")) setHeld({ rows });
    },
  };
}
