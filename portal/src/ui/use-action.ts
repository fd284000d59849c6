// Runs a button's action once at a time, and keeps its error for display beside the button.
import { useRef, useState } from "react";

import { messageOf } from "../api/errors";

export interface Action {
  /** Whether the action is in progress. */
  readonly busy: boolean;
  /** What went wrong the last time; "" if nothing did. */
  readonly error: string;
  /** Do the work; a second call meanwhile does nothing. */
  run(work: () => Promise<void>): Promise<void>;
  clear(): void;
}

/** Return a runner for a button’s action, with its progress and error. */
export function useAction(): Action {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const running = useRef(false);
  return {
    busy,
    error,
    clear: () => setError(""),
    run: async (work) => {
      if (running.current) return;
      running.current = true;
      setBusy(true);
      setError("");
      try {
        await work();
      } catch (thrown) {
        setError(messageOf(thrown));
      } finally {
        running.current = false;
        setBusy(false);
      }
    },
  };
}
