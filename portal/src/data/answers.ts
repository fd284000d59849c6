// The latest answers to live queries, to show at once on return to a screen.

/** Enough for somebody who goes back and forth; all of a day's would be too many to hold. */
const MAX_ANSWERS = 50;
/** By the request's key, those read longest ago first. */
const answers = new Map<number, unknown>();

/** Return the answer to a request, if it is still held. */
export const lastAnswer = (request: number): unknown => answers.get(request);

/** Hold the answer to a request, and let go of the oldest if there are too many. */
export function holdAnswer(request: number, answer: unknown): void {
  answers.delete(request);
  answers.set(request, answer);
  for (const oldest of answers.keys()) {
    if (answers.size <= MAX_ANSWERS) return;
    answers.delete(oldest);
  }
}

/** Let go of all answers. */
export const forgetAnswers = (): void => answers.clear();
