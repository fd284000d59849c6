// Splits a large selection into batches that one send takes.
import type { Selected } from "./selection";

/** The most recalls that `sendRecalls` takes. */
const MAX_RECALLS = 1000;

/** Return the selected ids in batches for one send each; a patient's recalls stay together. */
export function batches(recalls: ReadonlyMap<string, Selected>): string[][] {
  const ofPatient = new Map<string, string[]>();
  for (const { id, patient } of recalls.values()) {
    const known = ofPatient.get(patient.id);
    if (known) known.push(id);
    else ofPatient.set(patient.id, [id]);
  }
  const found: string[][] = [];
  let batch: string[] = [];
  for (const ids of ofPatient.values()) {
    if (batch.length && batch.length + ids.length > MAX_RECALLS) {
      found.push(batch);
      batch = [];
    }
    batch.push(...ids);
  }
  return batch.length ? [...found, batch] : found;
}
