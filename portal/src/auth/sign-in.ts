// Signs people in through the identity provider that the API names: authorization code with PKCE.
import type { IdTokenClaims, User } from "oidc-client-ts";

/** How people sign in, as the API reports it. */
export interface Ways {
  /** The identity provider and this client's id there; null if there is none. */
  readonly issuer: string | null;
  readonly clientId: string | null;
  /** The scope to request from the provider. */
  readonly scope: string;
  /** Whether access tokens, and links with one, let people in. */
  readonly tokens: boolean;
  readonly links: boolean;
  /** Seconds without use after which a sign-in ends. */
  readonly idleSeconds: number;
}

/** Return the ways to sign in, from the API; throws if it doesn't answer. */
export const signInWays = async (): Promise<Ways> => (await fetch("/sign-in.json")).json();

/** The sign-in through the provider on this page, and its tokens. */
export interface SignIn {
  /** Go to the provider's page, which comes back to this one. */
  start(): Promise<void>;
  /** Return the access token; "" if nobody has signed in, or it has expired. */
  token(): string;
  /** Return a new access token without asking the person; "" without a refresh token or on refusal. */
  renew(): Promise<string>;
  /** Go to the provider's page to sign out there; return false if that can't be done. */
  end(): Promise<boolean>;
  /** Whether the provider came back without signing anybody in. */
  failed: boolean;
}

/**
 * Return the sign-in through the provider, after processing the provider's response if there is
 * one; null if the API has no provider, in which case a token lets people in.
 *
 * `page` is the path that the provider comes back to. Tokens stay in memory: after a reload the
 * page asks the provider again, which still knows the person. State, nonce and PKCE verifier,
 * needed until the provider comes back, are kept for this tab only.
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
    // Filtering would remove azp, which is checked below.
    filterProtocolClaims: false,
    // It would need a frame from the provider, which the page's Content-Security-Policy forbids.
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
    // A code works once, so a reload must not try it again.
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
      // If it is null or refused, the person is asked.
      user = await manager
        .signinSilent()
        .then((renewed) => renewed && ours(renewed))
        .catch(() => null);
      return user?.access_token ?? "";
    },
    end: async () => {
      // The refresh token may outlive the provider's sign-in. Not every provider can revoke it.
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

/** Return whether the ID token was issued for this client, which the library doesn't check. */
function isForUs({ iss, aud, azp }: IdTokenClaims, issuer: string, clientId: string): boolean {
  const audiences = [aud].flat();
  if (iss !== issuer || !audiences.includes(clientId)) return false;
  return azp === undefined ? audiences.length === 1 : azp === clientId;
}
