// What stands in a screen's place until what it shows is known.
import { errorText } from "../client";
import type { Live } from "../live";
import { Notice } from "../parts/Notice";

/** Says that it is being read, or what is wrong. */
export function Opening({ live }: { live: Live<unknown> }) {
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
