// Work on demand: once at a time, and always begun after the last request.

/** Return a function that runs the work; called while it runs, it runs it once more afterwards. */
export function inTurn(work: () => Promise<void>): () => void {
  let running = false;
  let again = false;
  const begin = async () => {
    again = true;
    if (running) return;
    running = true;
    try {
      while (again) {
        again = false;
        await work();
      }
    } finally {
      running = false;
    }
  };
  return () => void begin();
}
