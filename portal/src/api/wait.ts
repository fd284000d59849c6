// Waiting before the API is asked again.

/** Resolves after so many seconds. */
export const wait = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000));
