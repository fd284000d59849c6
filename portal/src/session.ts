// Who is signed in on this page: the token, where it came from, and what happens when it ends.
import { useSyncExternalStore } from "react";

import { type SignIn, signIn } from "./sign-in";

/** A token that somebody pasted is this tab's until it is closed; a provider's is never kept. */
const KEPT = "recalls.token";
/** Says that this tab's person came through the provider, who knows them still after a reload. */
const THROUGH_PROVIDER = "recalls.provider";
/** Marks the window that signs in anew for another one, which goes on where it was. */
const RENEWING = "recalls.renewing";
const channel = new BroadcastChannel("recalls.sign-in");

export interface Session {
  /** "" where nobody is signed in. */
  readonly token: string;
  /** Whether the token was good once and is no longer: what is on the page waits. */
  readonly ended: boolean;
  /** Whether this window is only there to sign in for another one. */
  readonly renewing: boolean;
  /** How to sign in besides by a token; null where there is no such way. */
  readonly provider: SignIn | null;
}

let session: Session = { token: "", ended: false, renewing: false, provider: null };
const listeners = new Set<() => void>();

function become(change: Partial<Session>): void {
  session = { ...session, ...change };
  for (const listener of listeners) listener();
}

/** Calls the listener on every change; gives a function that ends it. */
export function onSessionChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const currentSession = (): Session => session;
export const useSession = (): Session => useSyncExternalStore(onSessionChange, currentSession);

/** Lets the holder of an access token in. */
export function signInWithToken(token: string): void {
  sessionStorage.setItem(KEPT, token);
  become({ token, ended: false });
}

/** Forgets who is signed in; what other windows do stays theirs. */
export function signOut(): void {
  sessionStorage.clear();
  location.assign("/");
}

/** Opens a window in which the provider signs the same person in for this page. */
export function signInElsewhere(): void {
  open("/?renew", "recalls-sign-in", "popup,width=520,height=680");
}

/** Says that `token` was refused; resolves once there is another one. */
export async function renewed(token: string): Promise<void> {
  if (session.token !== token) return;
  const silently = (await session.provider?.renew()) ?? "";
  if (session.token !== token) return;
  if (silently && silently !== token) {
    become({ token: silently, ended: false });
    return;
  }
  become({ ended: true });
  await new Promise<void>((resolve) => {
    const stop = onSessionChange(() => {
      if (session.token === token) return;
      stop();
      resolve();
    });
  });
}

/**
 * Takes the token from the page's address (`#token=...`) and clears it from the address bar.
 * A fragment never leaves the browser, unlike the rest of a URL.
 */
function tokenInAddress(): string {
  const token = /^#token=(.*)$/.exec(location.hash)?.[1] ?? "";
  if (token) history.replaceState(null, "", location.pathname + location.search);
  return token;
}

/** Finds out who is signed in when the page has just been loaded. */
export async function beginSession(): Promise<void> {
  const given = tokenInAddress();
  if (given) sessionStorage.setItem(KEPT, given);
  // A link with another token, followed in this same tab, changes the fragment only.
  addEventListener("hashchange", () => location.hash.startsWith("#token=") && location.reload());
  const kept = sessionStorage.getItem(KEPT) ?? "";
  if (kept) {
    become({ token: kept });
    return;
  }
  if (new URLSearchParams(location.search).has("renew")) sessionStorage.setItem(RENEWING, "yes");
  const renewing = sessionStorage.getItem(RENEWING) !== null;
  // Without an answer a token still lets people in.
  const provider = await signIn("/").catch(() => null);
  const token = provider?.token() ?? "";
  become({ provider, token, renewing });
  channel.onmessage = ({ data }: MessageEvent<string>) => {
    if (session.ended) become({ token: data, ended: false });
  };
  if (!provider) return;
  if (token) {
    sessionStorage.setItem(THROUGH_PROVIDER, "yes");
    if (renewing) {
      channel.postMessage(token);
      close();
    }
  } else if (!provider.failed && (renewing || sessionStorage.getItem(THROUGH_PROVIDER))) {
    sessionStorage.removeItem(THROUGH_PROVIDER);
    await provider.start();
  }
}
