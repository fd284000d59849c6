// Who is signed in on this page, and how it stands with that.
import { credentials } from "../api/credentials";
import { createStore, useStore } from "../data/store";
import type { SignIn, Ways } from "./sign-in";

/** What is told of how it came that somebody is signed in, or no longer. */
export type Said =
  /** Nobody had used the page for long. */
  | "idle"
  /** The token of before is no good, or no longer. */
  | "ended"
  /** The token in a link is no good. */
  | "refused"
  /** Links with a token aren't taken here. */
  | "link"
  /** Signed out, and the API couldn't be told. */
  | "untold"
  /** Signed out here, and not at the provider. */
  | "provider"
  /** Somebody else has signed in on the page of the one before. */
  | "another";

export interface Session {
  /** "" where nobody is signed in. */
  readonly token: string;
  /** Whether the token was good once and is no longer: what is on the page waits. */
  readonly ended: boolean;
  /** Whether the page is being left, and shows nothing of the practice any more. */
  readonly leaving: boolean;
  /** Whether this window is only there to sign in for another one. */
  readonly renewing: boolean;
  /** The token in a link that was followed while somebody was signed in already; "" for none. */
  readonly offered: string;
  /** How to sign in besides by a token; null where there is no such way. */
  readonly provider: SignIn | null;
  readonly ways: Ways;
  readonly said: Said | null;
}

const store = createStore<Session>({
  token: "",
  ended: false,
  leaving: false,
  renewing: false,
  offered: "",
  provider: null,
  // Until they are known a token lets people in, and nobody stays signed in for ever.
  ways: { issuer: null, clientId: null, scope: "", tokens: true, links: false, idleSeconds: 900 },
  said: null,
});
/** Whose page it is, as the API tells people apart; "" until that is known. */
let person = "";

/** Changes how it stands with the sign-in. */
export function become(change: Partial<Session>): void {
  const next = { ...store.get(), ...change };
  // What is asked from now on is asked as who is signed in now, whoever hears of it first.
  credentials.set({ token: next.token, ended: next.ended });
  store.set(next);
}

/** Gives how it stands with the sign-in now. */
export const currentSession = store.get;
/** Gives how it stands with the sign-in, and draws again when that changes. */
export const useSession = (): Session => useStore(store);

/** Calls the watcher on every change; gives a function that ends it. */
export const onSessionChange = store.subscribe;

/** Says who is signed in: what is on the page is theirs and nobody else's. */
export function belongsTo(id: string): void {
  person = id;
}
/** Gives whose page it is; "" until that is known. */
export const currentPerson = (): string => person;
