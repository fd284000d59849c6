// The GraphQL client: requests over HTTP, subscriptions over the socket.
import { cacheExchange, Client, fetchExchange, subscriptionExchange } from "@urql/core";

import { request } from "./request";
import { socket } from "./socket";

/** Makes a client that knows nothing yet. */
export const newClient = (): Client =>
  new Client({
    url: "/graphql",
    preferGetMethod: false,
    // What is known is shown at once, and asked for anew.
    requestPolicy: "cache-and-network",
    fetch: request,
    exchanges: [
      cacheExchange,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (operation) => ({
          subscribe: (sink) => ({
            // The document is known by its hash; graphql-ws wants a text all the same.
            unsubscribe: socket.subscribe({ ...operation, query: "" } as { query: string }, {
              ...sink,
              next: (result) => sink.next(result as never),
            }),
          }),
        }),
      }),
    ],
  });

/** The page’s client. */
export const client = newClient();
