// An API with the test's own answers, under the real client: only the network is fake.
import { vi } from "vitest";

import type { TypedDocumentString } from "../gql/graphql";

/** A socket that stays silent; tests report changes through `following()`. */
class SilentSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readonly readyState = SilentSocket.CONNECTING;
  close(): void {}
  send(): void {}
}
// The client reads it when it is loaded.
Object.assign(globalThis, { WebSocket: SilentSocket });

type Answer = (variables: unknown) => unknown;
type Document<Data, Variables> = TypedDocumentString<Data, Variables>;

export interface Api {
  /** Set how a document is answered from now on; without an answer, its connection breaks. */
  on<Data, Variables>(
    document: Document<Data, Variables>,
  ): { answers(by: (variables: Variables) => Data | Promise<Data>): void };
  /** Return the variables of the document's requests so far. */
  asked<Data, Variables>(document: Document<Data, Variables>): readonly Variables[];
}

const hashOf = (document: { __meta__?: Record<string, unknown> | undefined }) =>
  String(document.__meta__?.["hash"]);

/** Return an API without answers: a request that has none loses its connection. */
export function anApi(): Api {
  const answers = new Map<string, Answer>();
  const asked: { readonly hash: string; readonly variables: unknown }[] = [];
  vi.stubGlobal("fetch", async (_: unknown, { body }: { body: string }) => {
    const { documentId, variables = {} } = JSON.parse(body);
    asked.push({ hash: documentId, variables });
    const answer = answers.get(documentId);
    if (!answer) throw new TypeError("nobody is there");
    const data = await answer(variables);
    return new Response(JSON.stringify({ data }), {
      headers: { "Content-Type": "application/json" },
    });
  });
  return {
    on: (document) => ({
      answers: (by) => void answers.set(hashOf(document), by as Answer),
    }),
    asked: (document) =>
      asked
        .filter(({ hash }) => hash === hashOf(document))
        .map(({ variables }) => variables) as never,
  };
}
