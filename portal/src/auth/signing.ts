// Signing in, continuing with another token, and signing out.
import { setRenewal } from "../api/credentials";
import {
  currentPerson,
  currentSession,
  type MessageKind,
  onSessionChange,
  updateSession,
} from "./session";
import { signIn, signInWays } from "./sign-in";
import { endSession, personOf, startSession } from "./sign-in-requests";

/** Holds a session's secret until the tab is closed; a provider's token is never kept. */
const SECRET_KEY = "recalls.token";
/** Marks a sign-in through the provider, which still knows the person after a reload. */
const PROVIDER_KEY = "recalls.provider";
/** Marks a window that signs in on behalf of another one, which then continues where it was. */
const RENEWING_KEY = "recalls.renewing";
/** Holds the message to show after a reload. */
const MESSAGE_KEY = "recalls.said";
const channel = new BroadcastChannel("recalls.sign-in");

/**
 * Sign in the access token's holder, with a session that can be ended; the token isn't kept.
 * Return whether the token is valid; throws if no answer comes.
 */
export async function signInWithToken(token: string): Promise<boolean> {
  const secret = await startSession(token);
  return (
    secret !== null && (await continueAs(secret, () => sessionStorage.setItem(SECRET_KEY, secret)))
  );
}

/**
 * Continue with another token if it is the same person's. For somebody else the page reloads, so
 * that nothing of the previous person's is shown to them, or done in their name. Return whether the
 * token is valid.
 */
async function continueAs(token: string, keep = () => {}): Promise<boolean> {
  const whose = await personOf(token);
  if (whose === null) return false;
  keep();
  const { token: before } = currentSession();
  const person = currentPerson();
  // After a sign-out the page may still hold the previous person's content.
  if (!person || (before && whose === person))
    updateSession({ token, ended: false, message: null });
  else reload(before ? "another" : null);
  return true;
}

function reload(message: MessageKind | null): void {
  if (message) storeMessage(message);
  leave(() => location.reload());
}

/** Clear the practice's data from the screen, so that nothing unsaved asks to stay, then go. */
function leave(go: () => void): void {
  updateSession({ token: "", ended: false, offered: "", leaving: true });
  setTimeout(go);
}

/** Handle a token that never let anybody in on this page: reload, and say so. */
export function rejectToken(): void {
  sessionStorage.clear();
  reload("ended");
}

/** Sign out here, at the API and at the provider; the person's other tabs follow. */
export async function signOut(why: "asked" | "idle" | "elsewhere" = "asked"): Promise<void> {
  const { token, provider } = currentSession();
  if (!token) return;
  sessionStorage.clear();
  // Before the first await.
  updateSession({ token: "", ended: false, offered: "", leaving: true });
  if (why !== "elsewhere") channel.postMessage({ left: currentPerson() } satisfies Broadcast);
  const reached = await endSession(token).then(
    () => true,
    () => false,
  );
  if (why === "idle" || !reached) storeMessage(why === "idle" ? "idle" : "untold");
  if (why !== "elsewhere" && provider) {
    if (await provider.end()) return;
    if (why === "asked" && reached) storeMessage("provider");
  }
  // If nothing answers, loading a page would show the browser's own error page.
  if (reached) location.replace("/");
  else updateSession({ leaving: false, message: takeMessage() });
}

const storeMessage = (message: MessageKind) => sessionStorage.setItem(MESSAGE_KEY, message);

function takeMessage(): MessageKind | null {
  const message = sessionStorage.getItem(MESSAGE_KEY);
  sessionStorage.removeItem(MESSAGE_KEY);
  return message as MessageKind | null;
}

/** Dismiss the message. */
export const dismissMessage = (): void => updateSession({ message: null });

/** Open a window in which the provider signs the same person in for this page. */
export function signInElsewhere(): void {
  open("/?renew", "recalls-sign-in", "popup,width=520,height=680");
}

/** Report that `token` was refused; resolves once the same person has another one. */
async function renewed(token: string): Promise<void> {
  const { token: now, ended } = currentSession();
  if (token && now === token && !ended) {
    // Many requests may be refused at once; the provider is asked once.
    renewal ??= renewSilently(token).finally(() => (renewal = undefined));
    await renewal;
  }
  if (token) while (currentSession().token === token) await changed();
  // After a sign-out nothing may be repeated.
  if (!currentSession().token) await new Promise(() => {});
}

setRenewal(renewed);

let renewal: Promise<void> | undefined;
async function renewSilently(token: string): Promise<void> {
  const other = (await currentSession().provider?.renew()) ?? "";
  if (currentSession().token !== token) return;
  const continued = other && other !== token && (await continueAs(other).catch(() => false));
  if (!continued && currentSession().token === token) updateSession({ ended: true });
}

const changed = () =>
  new Promise<void>((resolve) => {
    const stop = onSessionChange(() => {
      stop();
      resolve();
    });
  });

/**
 * Remove the token (`#token=...`) from the address bar and return it; "" if there is none.
 * Unlike the rest of a URL, a fragment never leaves the browser.
 */
function tokenInAddress(): string {
  const token = /^#token=(.*)$/.exec(location.hash)?.[1] ?? "";
  if (token) history.replaceState(history.state, "", location.pathname + location.search);
  return token;
}

/** Sign in with a link's token; if somebody else is signed in, ask them first. */
async function followLink(token: string): Promise<void> {
  if (!token) return;
  const { ways, token: now } = currentSession();
  if (!ways.links) {
    if (!now) updateSession({ message: "link" });
    return;
  }
  const here = await signedInPerson().catch(() => "");
  if (here === null) {
    if (!(await signInWithToken(token).catch(() => false))) updateSession({ message: "refused" });
  } else if (here !== (await personOf(token).catch(() => null))) updateSession({ offered: token });
}

/** Return the signed-in person's id; null if there is nobody, "" if only the provider knows. */
async function signedInPerson(): Promise<string | null> {
  const { token } = currentSession();
  if (!token) return sessionStorage.getItem(PROVIDER_KEY) ? "" : null;
  return currentPerson() || personOf(token);
}

/** Sign in with the link's token; return whether it is valid, and throw if no answer comes. */
export async function acceptLink(): Promise<boolean> {
  const secret = await startSession(currentSession().offered);
  if (secret === null) return false;
  const { token } = currentSession();
  sessionStorage.clear();
  sessionStorage.setItem(SECRET_KEY, secret);
  if (token) void endSession(token).catch(() => undefined);
  leave(() => location.reload());
  return true;
}

/** Ignore the link and stay signed in. */
export async function declineLink(): Promise<void> {
  updateSession({ offered: "" });
  if (!currentSession().token) await askProvider();
}

type Broadcast = { readonly token: string } | { readonly left: string };

channel.onmessage = ({ data }: MessageEvent<Broadcast>) => {
  const { ended, provider } = currentSession();
  if ("left" in data) {
    if (data.left === currentPerson()) void signOut("elsewhere");
  } else if (ended && provider) void continueAs(data.token).catch(() => undefined);
};

/** Find out who is signed in when the page has just loaded. */
export async function beginSession(): Promise<void> {
  const given = tokenInAddress();
  addEventListener("hashchange", () => void followLink(tokenInAddress()));
  // On Back, the browser may show a page that it kept in memory.
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted && !currentSession().token) location.reload();
  });
  updateSession({ message: takeMessage(), token: sessionStorage.getItem(SECRET_KEY) ?? "" });
  await signInWays().then(
    (ways) => updateSession({ ways }),
    () => undefined,
  );
  await followLink(given);
  const { token, offered } = currentSession();
  if (!token && !offered) await askProvider();
}

/** Process the provider's response, or ask the provider again if it should know the person. */
async function askProvider(): Promise<void> {
  if (new URLSearchParams(location.search).has("renew"))
    sessionStorage.setItem(RENEWING_KEY, "yes");
  const renewing = sessionStorage.getItem(RENEWING_KEY) !== null;
  // Without an answer, a token still lets people in.
  const provider = await signIn(currentSession().ways, "/").catch(() => null);
  const token = provider?.token() ?? "";
  updateSession({ provider, token, renewing });
  if (!provider) return;
  if (token) {
    sessionStorage.setItem(PROVIDER_KEY, "yes");
    if (renewing) {
      channel.postMessage({ token } satisfies Broadcast);
      close();
    }
  } else if (!provider.failed && (renewing || sessionStorage.getItem(PROVIDER_KEY))) {
    sessionStorage.removeItem(PROVIDER_KEY);
    const { message } = currentSession();
    if (message) storeMessage(message);
    await provider.start();
  }
}
