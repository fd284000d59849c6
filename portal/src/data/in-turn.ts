// Work that several things ask for: one at a time, and never older than the last that asked.

/** Gives a function that does the work; called while it is under way, it does it once more afterwards. */
export function inTurn(work: () => Promise<void>): () => void {
  let underWay = false;
  let again = false;
  const begin = async () => {
    again = true;
    if (underWay) return;
    underWay = true;
    try {
      while (again) {
        again = false;
        await work();
      }
    } finally {
      underWay = false;
    }
  };
  return () => void begin();
}
