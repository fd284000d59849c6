// What is known of a number as somebody types it.
import { useEffect, useMemo, useState } from "react";

import { query } from "../../api/operations";
import { useChanges } from "../../data/changes";
import { useSettled } from "../../data/use-settled";
import { CheckMobileDocument, type CheckMobileQuery } from "../../gql/graphql";

/** Fewer characters tell nothing. */
const SHORTEST = 3;

export type MobileCheck = CheckMobileQuery["checkMobile"];

interface Known {
  /** What it is known of: what is typed now, or was a moment ago. */
  readonly typed: string;
  readonly check: MobileCheck;
}

/** Gives what the API says of the number; undefined while there is little of it, or no answer. */
export function useMobileCheck(typed: string): Known | undefined {
  const settled = useSettled(typed.trim());
  const [known, setKnown] = useState<Known>();
  const [news, setNews] = useState(0);
  useChanges(["BLOCKS", "RECALLS"], () => setNews((count) => count + 1));
  // It is asked again on news.
  const asking = useMemo(() => ({ mobile: settled, news }), [settled, news]);
  // What was known before it was emptied is of another number.
  if (known && settled.length < SHORTEST) setKnown(undefined);
  useEffect(() => {
    const { mobile } = asking;
    if (mobile.length < SHORTEST) return;
    let wanted = true;
    const found = (now?: Known) => wanted && setKnown(now);
    // What is wrong with the connection is told elsewhere; pressing the button tells the rest.
    query(CheckMobileDocument, { mobile }).then(
      ({ checkMobile: check }) => found({ typed: mobile, check }),
      () => found(),
    );
    return () => {
      wanted = false;
    };
  }, [asking]);
  return typed.trim().length < SHORTEST ? undefined : known;
}

/** Whether what was typed may become a number by typing on: digits and what stands between them. */
export function isUnfinished(typed: string): boolean {
  const whole = typed.trim().startsWith("+") ? 11 : 10;
  return /^[+\d\s()-]*$/.test(typed) && typed.replace(/\D/g, "").length < whole;
}
