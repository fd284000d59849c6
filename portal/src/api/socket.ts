// The socket for subscriptions; it survives ended tokens and broken connections.
import { createClient } from "graphql-ws";

import { setConnected, setSocketOk } from "./connection";
import { credentials, renewed } from "./credentials";
import { wait } from "./wait";

/** Close codes: an invalid token, a normal close, and `terminate`. */
const [FORBIDDEN, NORMAL, TERMINATED] = [4403, 1000, 4499];

/** The token that the socket was opened with, and the one that was refused; "" if none. */
let [used, refused] = ["", ""];

/** The page’s socket; it connects on the first subscription. */
export const socket = createClient({
  url: `${location.origin.replace(/^http/, "ws")}/graphql`,
  connectionParams: () => {
    used = credentials.get().token;
    return { Authorization: `Bearer ${used}` };
  },
  retryAttempts: Number.POSITIVE_INFINITY,
  // After any loss of connection; any other error is our own bug.
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
      setSocketOk(true);
      setConnected(navigator.onLine);
    },
    closed: (event) => {
      const { code } = event as CloseEvent;
      refused = code === FORBIDDEN ? used : "";
      const wanted = refused !== "" || code === NORMAL || code === TERMINATED;
      setSocketOk(wanted);
      if (!wanted) setConnected(false);
    },
  },
});

// Subscriptions must run as the person who is signed in now.
credentials.subscribe(() => {
  const { token, ended } = credentials.get();
  if (used && !ended && token !== used) socket.terminate();
});
