// The time, as it goes on.
import { useEffect, useState } from "react";

const MINUTE = 60_000;

/** Gives the time, and again every minute. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE);
    return () => clearInterval(timer);
  }, []);
  return now;
}
