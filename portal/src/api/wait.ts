// Waiting before a request is repeated.

/** Resolve after this many seconds. */
export const wait = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000));
