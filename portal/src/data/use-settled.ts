// Waits with what somebody types until they pause.
import { useEffect, useState } from "react";

/** Gives the value once it has stayed as it is for so many milliseconds. */
export function useSettled<Value>(value: Value, milliseconds = 250): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}
