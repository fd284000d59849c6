// What can go wrong with the API, in words for the person at the screen.
import type { CombinedError } from "@urql/core";

const UNREACHABLE =
  "Recalls can’t be reached just now. Nothing is lost: check the connection and try again.";
export const WRONG = "Something went wrong. Please try again.";

/** What went wrong, for the person at the screen. */
export function errorText(error: CombinedError): string {
  if (error.networkError) return UNREACHABLE;
  return error.graphQLErrors[0]?.message ?? WRONG;
}

/** Something that couldn't be done; the message is for the person at the screen. */
export class Failure extends Error {}

/** One of which it isn't known whether it was done: no answer came. */
export class Unanswered extends Failure {
  constructor() {
    super(UNREACHABLE);
  }
}

/** What is thrown for the client's error, or for an answer with nothing in it. */
export function failureOf(error: CombinedError | undefined): Failure {
  if (error?.networkError) return new Unanswered();
  return new Failure(error ? errorText(error) : WRONG);
}

/** Gives the message of a `Failure`; whatever else was thrown is a bug, and thrown on. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Failure) return thrown.message;
  throw thrown;
}
