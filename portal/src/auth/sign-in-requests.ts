// What the API is asked to begin and to end a sign-in, as whoever holds a token: past the client,
// which asks as who is signed in.
import {
  EndSessionDocument,
  PersonDocument,
  StartSessionDocument,
  type TypedDocumentString,
} from "../gql/graphql";

/** Milliseconds after which nobody is waited for any longer. */
const PATIENCE = 10_000;

/** Gives null where the token lets nobody in; throws where no answer comes. */
async function ask<Data>(
  document: TypedDocumentString<Data, never>,
  token: string,
): Promise<Data | null> {
  const answer = await fetch("/graphql", {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ documentId: document.__meta__?.["hash"] }),
    // The page may be gone before.
    keepalive: true,
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (!answer.ok && answer.status !== 401) throw new Error(`answered ${answer.status}`);
  return (await answer.json()).data ?? null;
}

/** Gives the secret of a session that an access token begins; null where it is no good. */
export async function startSession(token: string): Promise<string | null> {
  const started = (await ask(StartSessionDocument, token))?.startSession;
  if (!started) return null;
  // What needs no session lets in by itself.
  return started.__typename === "SessionStarted" ? started.secret : token;
}

/** Has the token open nothing from now on. */
export async function endSession(token: string): Promise<void> {
  await ask(EndSessionDocument as TypedDocumentString<unknown, never>, token);
}

/** Gives an id of whose token it is; null where it is nobody's. */
export async function personOf(token: string): Promise<string | null> {
  return (
    ((await ask(PersonDocument as never, token)) as { viewer: { id: string } } | null)?.viewer.id ??
    null
  );
}
