// The last rendered value, for functions that stay the same while the value changes.
import { useLayoutEffect, useRef } from "react";

/** Return a ref to the last rendered value; read it in event handlers, not while rendering. */
export function useLatest<Value>(value: Value): React.RefObject<Value> {
  const latest = useRef(value);
  useLayoutEffect(() => {
    latest.current = value;
  });
  return latest;
}
