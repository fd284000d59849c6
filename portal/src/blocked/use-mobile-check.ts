// What is known of a number as somebody types it.
import { useEffect, useState } from "react";

import { read } from "../client";
import { CheckMobileDocument, type CheckMobileQuery } from "../gql/graphql";
import { useChanges } from "../live";
import { useSettled } from "../parts/use-settled";

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
  useEffect(() => {
    if (settled.length < SHORTEST) {
      setKnown(undefined);
      return;
    }
    let wanted = true;
    const found = (now?: Known) => wanted && setKnown(now);
    // What is wrong with the connection is told elsewhere; pressing the button tells the rest.
    read(CheckMobileDocument, { mobile: settled }).then(
      ({ checkMobile: check }) => found({ typed: settled, check }),
      () => found(),
    );
    return () => {
      wanted = false;
    };
  }, [settled, news]);
  return typed.trim().length < SHORTEST ? undefined : known;
}

/** Whether what was typed may become a number by typing on: digits and what stands between them. */
export function isUnfinished(typed: string): boolean {
  const whole = typed.trim().startsWith("+") ? 11 : 10;
  return /^[+\d\s()-]*$/.test(typed) && typed.replace(/\D/g, "").length < whole;
}
