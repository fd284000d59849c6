// Under a list that is read page by page: what couldn't be read, and the button for more of it.
import { useEffect, useRef } from "react";

import type { Pages } from "../pages";
import { Notice } from "./Notice";

interface Props {
  pages: Pages<{ readonly id: string }>;
  /** What the list is of, such as "runs". */
  of: string;
}

export function ShowMore({ pages, of }: Props) {
  const { nodes, total, more, reading, error } = pages;
  const pressed = useRef(false);
  const end = useRef<HTMLParagraphElement>(null);
  // The button is gone after the last page: who pressed it goes on from here.
  useEffect(() => {
    if (pressed.current && !more && !reading) {
      pressed.current = false;
      end.current?.focus();
    }
  }, [more, reading]);
  return (
    <div className="show-more">
      <Notice>
        {error && (
          <>
            {error}{" "}
            <button type="button" className="link" onClick={pages.refresh}>
              Try again
            </button>
          </>
        )}
      </Notice>
      {nodes && total !== undefined && total > 0 && (
        <p className="quiet" ref={end} tabIndex={-1}>
          {more
            ? `The first ${nodes.length.toLocaleString("en-AU")} of ${total.toLocaleString("en-AU")} ${of} are shown.`
            : `All ${of} are shown.`}
        </p>
      )}
      {more && (
        <button
          type="button"
          aria-disabled={reading || undefined}
          onClick={() => {
            pressed.current = true;
            if (!reading) pages.showMore();
          }}
        >
          {reading && pressed.current ? "Showing more…" : "Show more"}
        </button>
      )}
    </div>
  );
}
