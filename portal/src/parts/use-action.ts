// Runs what a button does, once at a time, and keeps what went wrong to be shown beside it.
import { useRef, useState } from "react";

import { Failure } from "../client";

export interface Action {
  /** Whether it is under way. */
  readonly busy: boolean;
  /** What went wrong the last time; "" where nothing did. */
  readonly error: string;
  /** Does the work; a second call while it is under way does nothing. */
  run(work: () => Promise<void>): Promise<void>;
  clear(): void;
}

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
        if (!(thrown instanceof Failure)) throw thrown;
        setError(thrown.message);
      } finally {
        underWay.current = false;
        setBusy(false);
      }
    },
  };
}
