// The GraphQL client: trusted documents over HTTP and WebSocket, through ended tokens and bad lines.
import {
  cacheExchange,
  Client,
  type CombinedError,
  type DocumentInput,
  fetchExchange,
  subscriptionExchange,
  type TypedDocumentNode,
} from "@urql/core";
import { createClient } from "graphql-ws";
import { useSyncExternalStore } from "react";

import type { TypedDocumentString } from "./gql/graphql";
import { currentSession, onSessionChange, renewed } from "./session";

const TOO_MANY = 429;
const UNAUTHORISED = 401;
/** How sockets are closed: by a token that is no good, by letting go, and by `terminate`. */
const [FORBIDDEN_SOCKET, NORMAL, TERMINATED] = [4403, 1000, 4499];

const wait = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/**
 * Asks with whoever's token it is by then. Nothing was done where it is refused or there are too
 * many requests, so it is asked again: once somebody has signed in anew, or after the time it says.
 */
async function ask(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  for (;;) {
    const { token } = currentSession();
    const headers = new Headers(init.headers);
    headers.set("Authorization", `Bearer ${token}`);
    const answer = await fetch(input, { ...init, headers });
    if (answer.status === UNAUTHORISED) await renewed(token);
    else if (answer.status === TOO_MANY) await wait(Number(answer.headers.get("Retry-After")) || 1);
    else return answer;
  }
}

/** Whether the socket is open; before it first is, nothing is wrong yet. */
let heard = true;
let connected = true;
const watchers = new Set<() => void>();
function becomeConnected(value: boolean): void {
  if (connected === value) return;
  connected = value;
  for (const watcher of watchers) watcher();
}
function watchConnection(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}
/** Tells whether the page hears from the API. */
export const useConnected = (): boolean => useSyncExternalStore(watchConnection, () => connected);
addEventListener("offline", () => becomeConnected(false));
addEventListener("online", () => becomeConnected(heard));

let used = "";
let refused = "";
const socket = createClient({
  url: `${location.origin.replace(/^http/, "ws")}/graphql`,
  connectionParams: () => {
    used = currentSession().token;
    return { Authorization: `Bearer ${used}` };
  },
  retryAttempts: Number.POSITIVE_INFINITY,
  // However the line broke; another error is a bug of ours.
  shouldRetry: (reason) =>
    reason instanceof Event || Number((reason as { code?: unknown } | null)?.code) >= NORMAL,
  keepAlive: 10_000,
  retryWait: async (retries) => {
    if (refused) await renewed(refused);
    else await wait(Math.min(2 ** retries / 4, 5) * (0.75 + Math.random() / 2));
  },
  on: {
    connected: () => {
      refused = "";
      heard = true;
      becomeConnected(navigator.onLine);
    },
    closed: (event) => {
      const { code } = event as CloseEvent;
      refused = code === FORBIDDEN_SOCKET ? used : "";
      heard = refused !== "" || code === NORMAL || code === TERMINATED;
      if (!heard) becomeConnected(false);
    },
  },
});

// What is followed is followed as who is signed in now.
onSessionChange(() => {
  const { token, ended } = currentSession();
  if (used && !ended && token !== used) socket.terminate();
});

/** One that knows nothing yet. */
export const newClient = (): Client =>
  new Client({
    url: "/graphql",
    preferGetMethod: false,
    // What is known is shown at once, and asked for anew.
    requestPolicy: "cache-and-network",
    fetch: ask,
    exchanges: [
      cacheExchange,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({
            // The document is known by its hash; graphql-ws wants a text all the same.
            unsubscribe: socket.subscribe({ ...request, query: "" } as { query: string }, {
              ...sink,
              next: (result) => sink.next(result as never),
            }),
          }),
        }),
      }),
    ],
  });
export const client = newClient();

/** A document as the client takes it, of one that was generated: known by its hash. */
export function trusted<Data, Variables extends object>(
  document: TypedDocumentString<Data, Variables>,
): TypedDocumentNode<Data, Variables> {
  const hash = document.__meta__?.["hash"] as string;
  return { kind: "Document", definitions: [], documentId: hash } as never;
}

const UNREACHABLE =
  "Recalls can’t be reached just now. Nothing is lost: check the connection and try again.";
const WRONG = "Something went wrong. Please try again.";

/** What went wrong, for the person at the screen. */
export function errorText(error: CombinedError): string {
  if (error.networkError) return UNREACHABLE;
  return error.graphQLErrors[0]?.message ?? WRONG;
}

/** A change that couldn't be made; the message is for the person at the screen. */
export class Failure extends Error {}

/** One of which it isn't known whether it was made: no answer came. */
export class Unanswered extends Failure {
  constructor() {
    super(UNREACHABLE);
  }
}

function failure(error: CombinedError | undefined): Failure {
  if (error?.networkError) return new Unanswered();
  return new Failure(error ? errorText(error) : WRONG);
}

/** Makes a change and gives what came of it; throws a `Failure`. */
export async function change<Data, Variables extends object>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const { data, error } = await client
    .mutation(trusted(document) as DocumentInput<Data, Variables>, variables)
    .toPromise();
  if (error || !data) throw failure(error);
  return data;
}

/** Reads once, past what is kept; throws a `Failure`. */
export async function read<Data, Variables extends object>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const { data, error } = await client
    .query(trusted(document) as DocumentInput<Data, Variables>, variables, {
      requestPolicy: "network-only",
    })
    .toPromise();
  if (error || !data) throw failure(error);
  return data;
}

/** A file that the API made. */
export interface Download {
  readonly name: string;
  readonly content: Blob;
}

/** Has the API make a file of what is asked for; throws a `Failure`. */
export async function download(path: string, asked: object): Promise<Download> {
  let answer: Response;
  let content: Blob;
  try {
    answer = await ask(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(asked),
    });
    content = await answer.blob();
  } catch {
    throw new Unanswered();
  }
  if (!answer.ok) {
    const problem = await content
      .text()
      .then(JSON.parse)
      .catch(() => null);
    throw new Failure(problem?.errors?.[0]?.message ?? WRONG);
  }
  const disposition = answer.headers.get("Content-Disposition") ?? "";
  return { name: /filename="([^"]+)"/.exec(disposition)?.[1] ?? "recalls", content };
}
