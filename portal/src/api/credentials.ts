// With whose token the API is asked. Who that is, the sign-in says (../auth): here nobody is known.
import { createStore } from "../data/store";

interface Credentials {
  /** "" where nobody is signed in. */
  readonly token: string;
  /** Whether the token was good once and is no longer. */
  readonly ended: boolean;
}

/** Holds with whose token the API is asked now. */
export const credentials = createStore<Credentials>({ token: "", ended: false });

let renew: (refused: string) => Promise<void> = () => new Promise(() => {});

/** Says how another token is got for one that was refused. */
export function renewBy(way: typeof renew): void {
  renew = way;
}

/** Says that the token was refused; resolves once the same person has another one. */
export const renewed = (refused: string): Promise<void> => renew(refused);
