// Warns that somebody else has changed what is being edited here.
import { useEffect } from "react";

import { Notice } from "../../ui/Notice";
import { focusTheContent } from "../../ui/focus";
import type { Draft } from "./use-draft";

interface Props<Kept extends object> {
  draft: Draft<Kept>;
  /** The fields' names within a sentence. */
  names: Readonly<Record<keyof Kept, string>>;
  /** What is being edited, for example "this category". */
  what: string;
}

/** Warns if the saved version changed after editing began. */
export function Meanwhile<Kept extends object>({ draft, names, what }: Props<Kept>) {
  const listed = (fields: readonly (keyof Kept)[]) =>
    fields.map((field) => names[field]).join(", ");
  const { meanwhile, changed } = draft;
  const both = meanwhile.filter((field) => changed.includes(field));
  useEffect(focusTheContent, [both.length]);
  return (
    <Notice kind="warning">
      {meanwhile.length > 0 && (
        <>
          Somebody else has changed {what} while you were changing it: {listed(meanwhile)}. What you
          have changed is kept.
          {both.length > 0 && (
            <>
              {" "}
              Both of you changed: {listed(both)}. Saving puts yours in the place of theirs.{" "}
              <button type="button" className="link" onClick={() => draft.drop(both)}>
                Use theirs instead
              </button>
            </>
          )}
        </>
      )}
    </Notice>
  );
}
