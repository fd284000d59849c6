// A promise that a test resolves when it likes.

/** Return the promise, and the function that resolves it. */
export function later<Value>() {
  let keep: (value: Value) => void = () => {};
  const promise = new Promise<Value>((resolve) => {
    keep = resolve;
  });
  return { promise, keep: (value: Value) => keep(value) };
}
