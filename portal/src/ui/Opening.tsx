// What stands in a screen's place until what it shows is known.
import { errorText } from "../api/errors";
import type { LiveQuery } from "../data/use-live-query";
import { Notice } from "./Notice";

/** Says that it is being read, or what is wrong. */
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
