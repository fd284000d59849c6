// Checks a number with the API as somebody types it.
import { useEffect, useMemo, useState } from "react";

import { query } from "../../api/operations";
import { useChanges } from "../../data/changes";
import { useSettled } from "../../data/use-settled";
import { CheckMobileDocument, type CheckMobileQuery } from "../../gql/graphql";

/** With fewer characters, the API isn't asked. */
const MIN_CHARACTERS = 3;

export type MobileCheck = CheckMobileQuery["checkMobile"];

interface Known {
  /** The text that was checked: what is typed now, or was a moment ago. */
  readonly typed: string;
  readonly check: MobileCheck;
}

/** Return the API's check of the number; undefined while it is too short or unanswered. */
export function useMobileCheck(typed: string): Known | undefined {
  const settled = useSettled(typed.trim());
  const [known, setKnown] = useState<Known>();
  const [changes, setChanges] = useState(0);
  useChanges(["BLOCKS", "RECALLS"], () => setChanges((count) => count + 1));
  // A new object asks the API again when something has changed.
  const asking = useMemo(() => ({ mobile: settled, changes }), [settled, changes]);
  // A check from before the field was emptied is about another number.
  if (known && settled.length < MIN_CHARACTERS) setKnown(undefined);
  useEffect(() => {
    const { mobile } = asking;
    if (mobile.length < MIN_CHARACTERS) return;
    let wanted = true;
    const found = (now?: Known) => wanted && setKnown(now);
    // Connection problems are shown elsewhere; other errors show when the button is pressed.
    query(CheckMobileDocument, { mobile }).then(
      ({ checkMobile: check }) => found({ typed: mobile, check }),
      () => found(),
    );
    return () => {
      wanted = false;
    };
  }, [asking]);
  return typed.trim().length < MIN_CHARACTERS ? undefined : known;
}

/** Return whether more typing may complete the number: only digits, too few, and separators. */
export function isUnfinished(typed: string): boolean {
  const whole = typed.trim().startsWith("+") ? 11 : 10;
  return /^[+\d\s()-]*$/.test(typed) && typed.replace(/\D/g, "").length < whole;
}
