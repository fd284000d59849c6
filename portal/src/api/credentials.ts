// The token for requests to the API. Whose it is, only the sign-in (../auth) knows.
import { createStore } from "../data/store";

interface Credentials {
  /** "" if nobody is signed in. */
  readonly token: string;
  /** Whether the token was valid and no longer is. */
  readonly ended: boolean;
}

/** The token that requests use now. */
export const credentials = createStore<Credentials>({ token: "", ended: false });

let renew: (refused: string) => Promise<void> = () => new Promise(() => {});

/** Set how a refused token is replaced. */
export function setRenewal(way: typeof renew): void {
  renew = way;
}

/** Report that the token was refused; resolves once the same person has another one. */
export const renewed = (refused: string): Promise<void> => renew(refused);
