// The recall that is open, which the page's address names.
import { useCallback } from "react";
import { useSearchParams } from "wouter";

/** In the history's state: the list is the entry before, so that closing goes back to it. */
const FROM_LIST = { fromList: true };
const isFromList = (state: unknown): boolean =>
  typeof state === "object" && state !== null && "fromList" in state;

export interface Opened {
  /** The open recall's id; null if none is open. */
  readonly id: string | null;
  open(recall: { readonly id: string }): void;
  close(): void;
}

/** Return the open recall. Opening adds to the history, and closing takes it away again. */
export function useOpened(): Opened {
  const [address, setAddress] = useSearchParams();
  const open = useCallback(
    ({ id }: { readonly id: string }) =>
      setAddress((before) => new URLSearchParams([...without(before), ["recall", id]]), {
        state: FROM_LIST,
      }),
    [setAddress],
  );
  const close = useCallback(() => {
    if (isFromList(history.state)) history.back();
    else setAddress(without, { replace: true });
  }, [setAddress]);
  return { id: address.get("recall"), open, close };
}

function without(before: URLSearchParams): URLSearchParams {
  const after = new URLSearchParams(before);
  after.delete("recall");
  return after;
}
