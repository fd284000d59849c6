// A placeholder for a screen until its data is there.
import { errorText } from "../api/errors";
import type { LiveQuery } from "../data/use-live-query";
import { Notice } from "./Notice";

/** Says that the data is loading, or what went wrong. */
export function Opening({ live }: { live: LiveQuery<unknown> }) {
  if (!live.error) return <p role="status">Opening…</p>;
  return (
    <>
      <Notice>{errorText(live.error)}</Notice>
      <button type="button" onClick={live.refresh}>
        Try again
      </button>
    </>
  );
}
