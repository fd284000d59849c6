// Cuts a large selection into what one send takes.
import type { Selected } from "./selection";

/** What may be sent at once, as `sendRecalls` takes it. */
const MOST = 1000;

/** Cuts the selected into parts that one send takes, no patient's recalls in two of them. */
export function batches(recalls: ReadonlyMap<string, Selected>): string[][] {
  const ofPatient = new Map<string, string[]>();
  for (const { id, patient } of recalls.values()) {
    const known = ofPatient.get(patient.id);
    if (known) known.push(id);
    else ofPatient.set(patient.id, [id]);
  }
  const found: string[][] = [];
  let part: string[] = [];
  for (const ids of ofPatient.values()) {
    if (part.length && part.length + ids.length > MOST) {
      found.push(part);
      part = [];
    }
    part.push(...ids);
  }
  return part.length ? [...found, part] : found;
}
