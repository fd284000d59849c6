// The GraphQL client: requests over HTTP, subscriptions over the socket.
import { Client, fetchExchange, subscriptionExchange } from "@urql/core";

import { request } from "./request";
import { socket } from "./socket";

/**
 * The page’s client. It has no cache: urql's holds every answer for as long as the page is open,
 * and the list alone is a thousand pages.
 */
export const client = new Client({
  url: "/graphql",
  preferGetMethod: false,
  requestPolicy: "network-only",
  fetch: request,
  exchanges: [
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
