// Whether a media query matches, for what styles alone can't do.
import { useCallback, useSyncExternalStore } from "react";

/** Return whether the query matches now, and render again when that changes. */
export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (watcher: () => void) => {
      const media = matchMedia(query);
      media.addEventListener("change", watcher);
      return () => media.removeEventListener("change", watcher);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches);
}
