// The API as a test says that it answers, under the real client: only the network is made up.
import { vi } from "vitest";

import type { TypedDocumentString } from "../gql/graphql";

/** A line that stays silent: tests tell of news by `something.changed()`. */
class SilentSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readonly readyState = SilentSocket.CONNECTING;
  close(): void {}
  send(): void {}
}
// The client takes it up when it is loaded.
Object.assign(globalThis, { WebSocket: SilentSocket });

type Answer = (variables: unknown) => unknown;
type Document<Data, Variables> = TypedDocumentString<Data, Variables>;

export interface Api {
  /** Has a document answered from now on; without it, its line is cut. */
  on<Data, Variables>(
    document: Document<Data, Variables>,
  ): { answers(by: (variables: Variables) => Data | Promise<Data>): void };
  /** With which variables the document was asked so far. */
  asked<Data, Variables>(document: Document<Data, Variables>): readonly Variables[];
}

const hashOf = (document: { __meta__?: Record<string, unknown> | undefined }) =>
  String(document.__meta__?.["hash"]);

/** An API that knows nothing yet: what it isn't told to answer is a line that was cut. */
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
