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
          Someone else has changed {what} since you opened this page: {listed(meanwhile)}. Your
          changes are kept.
          {both.length > 0 && (
            <>
              {" "}
              You both changed: {listed(both)}. Saving replaces theirs.{" "}
              <button type="button" className="link" onClick={() => draft.drop(both)}>
                Use theirs
              </button>
            </>
          )}
        </>
      )}
    </Notice>
  );
}
