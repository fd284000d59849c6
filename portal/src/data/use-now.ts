// The current time, for what a screen shows relative to it.
import { useEffect, useState } from "react";

const MINUTE = 60_000;

/** Return the time in milliseconds, and render again every minute. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE);
    return () => clearInterval(timer);
  }, []);
  return now;
}
