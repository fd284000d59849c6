// Signs people in through the identity provider that the API names: authorization code with PKCE.
import type { IdTokenClaims, User } from "oidc-client-ts";

/** As the API tells a page how people sign in. */
export interface Ways {
  /** The provider and what this client is to it; null where there is none. */
  readonly issuer: string | null;
  readonly clientId: string | null;
  /** What the provider is asked for. */
  readonly scope: string;
  /** Whether access tokens let people in, and links with one. */
  readonly tokens: boolean;
  readonly links: boolean;
  /** After how long a sign-in ends that nobody uses. */
  readonly idleSeconds: number;
}

/** Asks the API; throws where it doesn't answer. */
export const signInWays = async (): Promise<Ways> => (await fetch("/sign-in.json")).json();

/** How to sign in on this page, and who did. */
export interface SignIn {
  /** Leaves for the provider's page, which comes back to this one. */
  start(): Promise<void>;
  /** Gives the access token; "" where nobody has signed in, or it has ended. */
  token(): string;
  /** Gets another access token without the person, where the provider gave what that needs. */
  renew(): Promise<string>;
  /** Leaves for the provider's page to sign out there; gives false where it has none. */
  end(): Promise<boolean>;
  /** Whether the provider came back without somebody signed in. */
  failed: boolean;
}

/**
 * Gives how to sign in, having taken up what the provider came back with, if it just did.
 * Gives null where the API knows no provider: a token lets people in there.
 *
 * `page` is the path that the provider comes back to. Tokens stay in memory: a page that is loaded
 * anew asks the provider again, which knows the person still. What is kept for the way there and
 * back (state, nonce, PKCE's verifier) is the tab's.
 */
export async function signIn(
  { issuer, clientId, scope }: Ways,
  page: string,
): Promise<SignIn | null> {
  if (!issuer || !clientId) return null;
  const { InMemoryWebStorage, UserManager, WebStorageStateStore } = await import("oidc-client-ts");
  const manager = new UserManager({
    authority: issuer,
    client_id: clientId,
    redirect_uri: location.origin + page,
    post_logout_redirect_uri: location.origin + page,
    scope,
    userStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
    stateStore: new WebStorageStateStore({ store: sessionStorage }),
    requestTimeoutInSeconds: 10,
    // azp is one of them.
    filterProtocolClaims: false,
    // It would need a frame of the provider's, which the page's policy forbids.
    automaticSilentRenew: false,
  });
  const ours = (signedIn: User) => {
    if (!isForUs(signedIn.profile, issuer, clientId))
      throw new Error("the ID token is for another client");
    return signedIn;
  };
  let user: User | null = null;
  let failed = false;
  const came = new URLSearchParams(location.search);
  if (came.has("state") && (came.has("code") || came.has("error"))) {
    const url = location.href;
    // A code is good once; a page that is loaded anew must not try it again.
    history.replaceState(null, "", location.pathname);
    try {
      user = ours(await manager.signinRedirectCallback(url));
      const back = user.url_state;
      if (back) history.replaceState(null, "", back);
    } catch {
      failed = true;
    }
  }
  return {
    start: () => {
      const url_state = location.pathname + location.search;
      return manager.signinRedirect({ nonce: crypto.randomUUID(), url_state });
    },
    token: () => (user && !user.expired ? user.access_token : ""),
    renew: async () => {
      if (!user?.refresh_token) return "";
      // null or refused: the person is asked.
      user = await manager
        .signinSilent()
        .then((renewed) => renewed && ours(renewed))
        .catch(() => null);
      return user?.access_token ?? "";
    },
    end: async () => {
      // It may outlive the sign-in there. Not every provider has a place for it.
      await manager.revokeTokens(["refresh_token"]).catch(() => undefined);
      const endpoint = await manager.metadataService.getEndSessionEndpoint().catch(() => "");
      if (!endpoint) return false;
      return manager.signoutRedirect().then(
        () => true,
        () => false,
      );
    },
    failed,
  };
}

/** The library takes an ID token as the provider's answer, and leaves open whom it was made for. */
function isForUs({ iss, aud, azp }: IdTokenClaims, issuer: string, clientId: string): boolean {
  const audiences = [aud].flat();
  if (iss !== issuer || !audiences.includes(clientId)) return false;
  return azp === undefined ? audiences.length === 1 : azp === clientId;
}
