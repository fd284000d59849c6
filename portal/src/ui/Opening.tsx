// A placeholder for a screen until its data is there.
import { useEffect, useState } from "react";

import { errorText } from "../api/errors";
import type { LiveQuery } from "../data/use-live-query";
import { Notice } from "./Notice";

/** Milliseconds before a wait is worth a word: most answers are there sooner. */
const PATIENCE = 1000;

/** Says that something is loading, once it takes longer than usual. */
export function Loading() {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE);
    return () => clearTimeout(timer);
  }, []);
  return <p role="status">{late && "Loading…"}</p>;
}

/** Says that the data is loading, or what went wrong. */
export function Opening({ live }: { live: LiveQuery<unknown> }) {
  if (!live.error) return <Loading />;
  return (
    <>
      <Notice>{errorText(live.error)}</Notice>
      <button type="button" onClick={live.refresh}>
        Try again
      </button>
    </>
  );
}
