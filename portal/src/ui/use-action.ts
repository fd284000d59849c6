// Runs what a button does, once at a time, and keeps what went wrong to be shown beside it.
import { useRef, useState } from "react";

import { messageOf } from "../api/errors";

export interface Action {
  /** Whether it is under way. */
  readonly busy: boolean;
  /** What went wrong the last time; "" where nothing did. */
  readonly error: string;
  /** Does the work; a second call while it is under way does nothing. */
  run(work: () => Promise<void>): Promise<void>;
  clear(): void;
}

/** Gives what runs a button’s work, and how that goes. */
export function useAction(): Action {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const underWay = useRef(false);
  return {
    busy,
    error,
    clear: () => setError(""),
    run: async (work) => {
      if (underWay.current) return;
      underWay.current = true;
      setBusy(true);
      setError("");
      try {
        await work();
      } catch (thrown) {
        setError(messageOf(thrown));
      } finally {
        underWay.current = false;
        setBusy(false);
      }
    },
  };
}
