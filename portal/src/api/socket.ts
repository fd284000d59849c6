// The socket that subscriptions run over, through ended tokens and broken lines.
import { createClient } from "graphql-ws";

import { setConnected, setHeard } from "./connection";
import { credentials, renewed } from "./credentials";
import { wait } from "./wait";

/** How sockets are closed: by a token that is no good, by letting go, and by `terminate`. */
const [FORBIDDEN, NORMAL, TERMINATED] = [4403, 1000, 4499];

/** The token that the socket was opened with, and the one that was refused; "" for none. */
let [used, refused] = ["", ""];

/** The page’s socket; it connects once something is followed. */
export const socket = createClient({
  url: `${location.origin.replace(/^http/, "ws")}/graphql`,
  connectionParams: () => {
    used = credentials.get().token;
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
      setHeard(true);
      setConnected(navigator.onLine);
    },
    closed: (event) => {
      const { code } = event as CloseEvent;
      refused = code === FORBIDDEN ? used : "";
      const wanted = refused !== "" || code === NORMAL || code === TERMINATED;
      setHeard(wanted);
      if (!wanted) setConnected(false);
    },
  },
});

// What is followed is followed as who is signed in now.
credentials.subscribe(() => {
  const { token, ended } = credentials.get();
  if (used && !ended && token !== used) socket.terminate();
});
