// Errors of the API, in words for the person at the screen.
import type { CombinedError } from "@urql/core";

const UNREACHABLE = "We can’t reach the server. Check your connection and try again.";
export const WRONG =
  "Sorry, something went wrong. Try again, and tell your practice manager if it keeps happening.";

/** Return what went wrong, in words for the person at the screen. */
export function errorText(error: CombinedError): string {
  if (error.networkError) return UNREACHABLE;
  return error.graphQLErrors[0]?.message ?? WRONG;
}

/** Something that failed; the message is for the person at the screen. */
export class Failure extends Error {}

/** No answer came, so it isn't known whether the request was carried out. */
export class Unanswered extends Failure {
  constructor() {
    super(UNREACHABLE);
  }
}

/** Return the failure to throw for the client's error, or for an answer without data. */
export function failureOf(error: CombinedError | undefined): Failure {
  if (error?.networkError) return new Unanswered();
  return new Failure(error ? errorText(error) : WRONG);
}

/** Return the message of a `Failure`; anything else is a bug, and is rethrown. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Failure) return thrown.message;
  throw thrown;
}
