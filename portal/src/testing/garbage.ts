// What is left in memory after a garbage collection.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Return how many of the objects are still there once the garbage is collected. */
export async function leftOf(objects: readonly WeakRef<object>[]): Promise<number> {
  // An object can't be collected in the turn in which it was made or looked at.
  await new Promise((resolve) => setTimeout(resolve));
  collect();
  return objects.filter((object) => object.deref()).length;
}
