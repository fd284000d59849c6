// The end of a list that is read page by page: any error, and the button for more.
import { useEffect, useRef, useState } from "react";

import type { PagedQuery } from "../data/use-paged-query";
import { Notice } from "./Notice";

interface Props {
  pages: PagedQuery<{ readonly id: string }>;
  /** What the list contains, such as "runs". */
  of: string;
}

/** Shows how much of a list is shown, and a button for more. */
export function ShowMore({ pages, of }: Props) {
  const { nodes, total, more, reading, error } = pages;
  const [pressed, setPressed] = useState(false);
  const goesOn = useRef(false);
  const end = useRef<HTMLParagraphElement>(null);
  if (pressed && !more && !reading) setPressed(false);
  // After the last page the button is gone, so its focus moves here.
  useEffect(() => {
    if (goesOn.current && !more && !reading) {
      goesOn.current = false;
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
            ? `Showing ${nodes.length.toLocaleString("en-AU")} of ${total.toLocaleString("en-AU")} ${of}`
            : `All ${of} shown`}
        </p>
      )}
      {more && (
        <button
          type="button"
          aria-disabled={reading || undefined}
          onClick={() => {
            setPressed(true);
            goesOn.current = true;
            if (!reading) pages.showMore();
          }}
        >
          {reading && pressed ? "Showing more…" : "Show more"}
        </button>
      )}
    </div>
  );
}
