// How somebody gets in, goes on with another token, and gets out again.
import { renewBy } from "../api/credentials";
import { become, currentPerson, currentSession, onSessionChange, type Said } from "./session";
import { signIn, signInWays } from "./sign-in";
import { endSession, personOf, startSession } from "./sign-in-requests";

/** The secret of a session is this tab's until it is closed; a provider's token is never kept. */
const KEPT = "recalls.token";
/** Says that this tab's person came through the provider, who knows them still after a reload. */
const THROUGH_PROVIDER = "recalls.provider";
/** Marks the window that signs in anew for another one, which goes on where it was. */
const RENEWING = "recalls.renewing";
/** What the page says once it is loaded anew. */
const SAID = "recalls.said";
const channel = new BroadcastChannel("recalls.sign-in");

/**
 * Lets the holder of an access token in, by a session that can be ended; the token isn't kept.
 * Gives whether it is good; throws where no answer comes.
 */
export async function signInWithToken(token: string): Promise<boolean> {
  const secret = await startSession(token);
  return secret !== null && (await goOnAs(secret, () => sessionStorage.setItem(KEPT, secret)));
}

/**
 * Goes on with another token where it is the same person's. For somebody else the page begins
 * anew: nothing of the one before is shown to them, nor done in their name.
 */
async function goOnAs(token: string, keep = () => {}): Promise<boolean> {
  const whose = await personOf(token);
  if (whose === null) return false;
  keep();
  const { token: before } = currentSession();
  const person = currentPerson();
  // Where somebody has signed out the page may have been left as it was.
  if (!person || (before && whose === person)) become({ token, ended: false, said: null });
  else beginAnew(before ? "another" : null);
  return true;
}

function beginAnew(said: Said | null): void {
  if (said) sayNext(said);
  leave(() => location.reload());
}

/** Takes all that is of the practice off the screen, which then holds nobody back, and goes. */
function leave(go: () => void): void {
  become({ token: "", ended: false, offered: "", leaving: true });
  setTimeout(go);
}

/** Says that the token with which the page was opened lets nobody in. */
export function neverIn(): void {
  sessionStorage.clear();
  beginAnew("ended");
}

/** Ends the sign-in here, at the API and at the provider; other tabs of the person follow. */
export async function signOut(why: "asked" | "idle" | "elsewhere" = "asked"): Promise<void> {
  const { token, provider } = currentSession();
  if (!token) return;
  sessionStorage.clear();
  // Before anything is waited for.
  become({ token: "", ended: false, offered: "", leaving: true });
  if (why !== "elsewhere") channel.postMessage({ left: currentPerson() } satisfies Told);
  const told = await endSession(token).then(
    () => true,
    () => false,
  );
  if (why === "idle" || !told) sayNext(why === "idle" ? "idle" : "untold");
  if (why !== "elsewhere" && provider) {
    if (await provider.end()) return;
    if (why === "asked" && told) sayNext("provider");
  }
  // Where nothing answers the next page would be the browser's own.
  if (told) location.replace("/");
  else become({ leaving: false, said: takeSaid() });
}

const sayNext = (said: Said) => sessionStorage.setItem(SAID, said);

function takeSaid(): Said | null {
  const said = sessionStorage.getItem(SAID);
  sessionStorage.removeItem(SAID);
  return said as Said | null;
}

/** Says that somebody has read what was said. */
export const heard = (): void => become({ said: null });

/** Opens a window in which the provider signs the same person in for this page. */
export function signInElsewhere(): void {
  open("/?renew", "recalls-sign-in", "popup,width=520,height=680");
}

/** Says that `token` was refused; resolves once the same person has another one. */
async function renewed(token: string): Promise<void> {
  const { token: now, ended } = currentSession();
  if (token && now === token && !ended) {
    // Many find out at once, and the provider is asked once.
    renewal ??= renewSilently(token).finally(() => (renewal = undefined));
    await renewal;
  }
  if (token) while (currentSession().token === token) await changed();
  // Who has signed out asks for nothing any more.
  if (!currentSession().token) await new Promise(() => {});
}

renewBy(renewed);

let renewal: Promise<void> | undefined;
async function renewSilently(token: string): Promise<void> {
  const other = (await currentSession().provider?.renew()) ?? "";
  if (currentSession().token !== token) return;
  const goesOn = other && other !== token && (await goOnAs(other).catch(() => false));
  if (!goesOn && currentSession().token === token) become({ ended: true });
}

const changed = () =>
  new Promise<void>((resolve) => {
    const stop = onSessionChange(() => {
      stop();
      resolve();
    });
  });

/**
 * Takes the token from the page's address (`#token=...`) and clears it from the address bar.
 * A fragment never leaves the browser, unlike the rest of a URL.
 */
function tokenInAddress(): string {
  const token = /^#token=(.*)$/.exec(location.hash)?.[1] ?? "";
  if (token) history.replaceState(history.state, "", location.pathname + location.search);
  return token;
}

/** Signs in by a link, or has who is signed in asked whether they want that. */
async function followLink(token: string): Promise<void> {
  if (!token) return;
  const { ways, token: now } = currentSession();
  if (!ways.links) {
    if (!now) become({ said: "link" });
    return;
  }
  const here = await whoIsHere().catch(() => "");
  if (here === null) {
    if (!(await signInWithToken(token).catch(() => false))) become({ said: "refused" });
  } else if (here !== (await personOf(token).catch(() => null))) become({ offered: token });
}

/** Gives who is signed in; null where nobody is, "" where the provider alone knows. */
async function whoIsHere(): Promise<string | null> {
  const { token } = currentSession();
  if (!token) return sessionStorage.getItem(THROUGH_PROVIDER) ? "" : null;
  return currentPerson() || personOf(token);
}

/** Signs in by the link after all; gives whether its token is good, and throws as one does. */
export async function takeLink(): Promise<boolean> {
  const secret = await startSession(currentSession().offered);
  if (secret === null) return false;
  const { token } = currentSession();
  sessionStorage.clear();
  sessionStorage.setItem(KEPT, secret);
  if (token) void endSession(token).catch(() => undefined);
  leave(() => location.reload());
  return true;
}

/** Goes on as who is signed in. */
export async function leaveLink(): Promise<void> {
  become({ offered: "" });
  if (!currentSession().token) await askProvider();
}

type Told = { readonly token: string } | { readonly left: string };

channel.onmessage = ({ data }: MessageEvent<Told>) => {
  const { ended, provider } = currentSession();
  if ("left" in data) {
    if (data.left === currentPerson()) void signOut("elsewhere");
  } else if (ended && provider) void goOnAs(data.token).catch(() => undefined);
};

/** Finds out who is signed in when the page has just been loaded. */
export async function beginSession(): Promise<void> {
  const given = tokenInAddress();
  addEventListener("hashchange", () => void followLink(tokenInAddress()));
  // A page that the browser had kept whole, and shows again on Back.
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted && !currentSession().token) location.reload();
  });
  become({ said: takeSaid(), token: sessionStorage.getItem(KEPT) ?? "" });
  await signInWays().then(
    (ways) => become({ ways }),
    () => undefined,
  );
  await followLink(given);
  const { token, offered } = currentSession();
  if (!token && !offered) await askProvider();
}

/** Takes up what the provider said, or asks it who this is where it ought to know. */
async function askProvider(): Promise<void> {
  if (new URLSearchParams(location.search).has("renew")) sessionStorage.setItem(RENEWING, "yes");
  const renewing = sessionStorage.getItem(RENEWING) !== null;
  // Without an answer a token still lets people in.
  const provider = await signIn(currentSession().ways, "/").catch(() => null);
  const token = provider?.token() ?? "";
  become({ provider, token, renewing });
  if (!provider) return;
  if (token) {
    sessionStorage.setItem(THROUGH_PROVIDER, "yes");
    if (renewing) {
      channel.postMessage({ token } satisfies Told);
      close();
    }
  } else if (!provider.failed && (renewing || sessionStorage.getItem(THROUGH_PROVIDER))) {
    sessionStorage.removeItem(THROUGH_PROVIDER);
    const { said } = currentSession();
    if (said) sayNext(said);
    await provider.start();
  }
}
