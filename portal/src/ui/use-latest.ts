// What was drawn last, for functions that stay the same while what they look at changes.
import { useLayoutEffect, useRef } from "react";

/** Gives a ref to the value of the last drawing; to be read by what happens, not while drawing. */
export function useLatest<Value>(value: Value): React.RefObject<Value> {
  const latest = useRef(value);
  useLayoutEffect(() => {
    latest.current = value;
  });
  return latest;
}
