// Who is signed in on this page, and the state of that sign-in.
import { credentials } from "../api/credentials";
import { createStore, useStore } from "../data/store";
import type { SignIn, Ways } from "./sign-in";

/** Why somebody is signed in, or no longer is; the page shows a message for each. */
export type MessageKind =
  /** Nobody had used the page for a long time. */
  | "idle"
  /** The previous token isn't valid, or no longer is. */
  | "ended"
  /** The token in a link isn't valid. */
  | "refused"
  /** Links with a token aren't accepted here. */
  | "link"
  /** Signed out here, but the API couldn't be told. */
  | "untold"
  /** Signed out here, but not at the provider. */
  | "provider"
  /** Somebody else has signed in on the previous person's page. */
  | "another";

export interface Session {
  /** "" if nobody is signed in. */
  readonly token: string;
  /** Whether the token was valid and no longer is; the page's requests then wait. */
  readonly ended: boolean;
  /** Whether the page is being left, and no longer shows anything of the practice. */
  readonly leaving: boolean;
  /** Whether this window only exists to sign in for another one. */
  readonly renewing: boolean;
  /** The token in a link that was followed while somebody was signed in; "" if none. */
  readonly offered: string;
  /** How to sign in through the identity provider; null if there is none. */
  readonly provider: SignIn | null;
  readonly ways: Ways;
  readonly message: MessageKind | null;
}

const store = createStore<Session>({
  token: "",
  ended: false,
  leaving: false,
  renewing: false,
  offered: "",
  provider: null,
  // Until these are known, a token lets people in, and nobody stays signed in for ever.
  ways: { issuer: null, clientId: null, scope: "", tokens: true, links: false, idleSeconds: 900 },
  message: null,
});
/** The API's id of the person whose page this is; "" until it is known. */
let person = "";

/** Change the state of the sign-in. */
export function updateSession(change: Partial<Session>): void {
  const next = { ...store.get(), ...change };
  // First, so that any request from a listener below already uses the new token.
  credentials.set({ token: next.token, ended: next.ended });
  store.set(next);
}

/** Return the current state of the sign-in. */
export const currentSession = store.get;
/** Return the state of the sign-in, and render again when it changes. */
export const useSession = (): Session => useStore(store);

/** Call the watcher on every change; return a function that ends this. */
export const onSessionChange = store.subscribe;

/** Set who is signed in: the page is theirs and nobody else's. */
export function setCurrentPerson(id: string): void {
  person = id;
}
/** Return the id of the person whose page this is; "" until it is known. */
export const currentPerson = (): string => person;
