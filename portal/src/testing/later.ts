// A promise that a test keeps when it wants it.

/** Gives the promise, and what keeps it. */
export function later<Value>() {
  let keep: (value: Value) => void = () => {};
  const promise = new Promise<Value>((resolve) => {
    keep = resolve;
  });
  return { promise, keep: (value: Value) => keep(value) };
}
