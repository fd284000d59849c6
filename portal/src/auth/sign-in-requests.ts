// The requests that begin and end a sign-in, made with a given token. They bypass the client, which
// uses the token of the signed-in person.
import {
  EndSessionDocument,
  PersonDocument,
  StartSessionDocument,
  type TypedDocumentString,
} from "../gql/graphql";

/** Milliseconds to wait for an answer. */
const PATIENCE = 10_000;

/** Return the answer's data; null if the token isn't valid. Throws if no answer comes. */
async function ask<Data>(
  document: TypedDocumentString<Data, never>,
  token: string,
): Promise<Data | null> {
  const answer = await fetch("/graphql", {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ documentId: document.__meta__?.["hash"] }),
    // The page may be gone before the answer.
    keepalive: true,
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (!answer.ok && answer.status !== 401) throw new Error(`answered ${answer.status}`);
  return (await answer.json()).data ?? null;
}

/** Start a session with an access token and return its secret; null if the token isn't valid. */
export async function startSession(token: string): Promise<string | null> {
  const started = (await ask(StartSessionDocument, token))?.startSession;
  if (!started) return null;
  // A token that needs no session is used as it is.
  return started.__typename === "SessionStarted" ? started.secret : token;
}

/** End the token's sign-in: it opens nothing from now on. */
export async function endSession(token: string): Promise<void> {
  await ask(EndSessionDocument as TypedDocumentString<unknown, never>, token);
}

/** Return the id of the token's holder; null if the token isn't valid. */
export async function personOf(token: string): Promise<string | null> {
  return (
    ((await ask(PersonDocument as never, token)) as { viewer: { id: string } } | null)?.viewer.id ??
    null
  );
}
