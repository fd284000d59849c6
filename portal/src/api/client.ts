// The GraphQL client: requests over HTTP, subscriptions over the socket.
import { cacheExchange, Client, fetchExchange, subscriptionExchange } from "@urql/core";

import { request } from "./request";
import { socket } from "./socket";

/** Return a client with an empty cache. */
export const newClient = (): Client =>
  new Client({
    url: "/graphql",
    preferGetMethod: false,
    // Cached data is shown at once, and fetched again.
    requestPolicy: "cache-and-network",
    fetch: request,
    exchanges: [
      cacheExchange,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (operation) => ({
          subscribe: (sink) => ({
            // The API knows the document by its hash, but graphql-ws requires a text.
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
