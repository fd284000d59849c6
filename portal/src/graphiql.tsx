// The GraphiQL page: queries go to /graphql on the page's own origin, subscriptions to its socket.
import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./graphiql.css";

import { createGraphiQLFetcher, type Fetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { createClient } from "graphql-ws";
import { createRoot } from "react-dom/client";

import { signIn, signInWays } from "./auth/sign-in";

const GRAPHQL_URL = new URL("/graphql", location.origin);
const SOCKET_URL = GRAPHQL_URL.href.replace(/^http/, "ws");

const FIRST_QUERY = `# Who am I, and which recalls wait to be sent?
#
# The API wants a token. Where there is a button "Sign in", press it. Else:
# 1. run \`make demo\` and take a token from its table;
# 2. put it after "Bearer " in the Headers editor below;
# 3. press "Re-fetch GraphQL schema" at the bottom left.

query FirstRecalls {
  viewer {
    name
    role
    practice {
      name
      pms {
        product
        consentReadable
      }
    }
  }
  recalls(tab: TO_ACTION, first: 5) {
    nodes {
      id
      reason
      dueDate
      patient {
        firstName
        lastName
        mobile
      }
      smsStatus {
        blocked
        reason
        overridable
        message
      }
    }
  }
}
`;

/**
 * Remove the token (`#token=...`) from the address bar and return it; "" if there is none.
 * Unlike the rest of a URL, a fragment never leaves the browser. The characters of a Bearer
 * token (RFC 6750) need no decoding.
 */
function takeToken(): string {
  const token = /^#token=(.*)$/.exec(location.hash)?.[1];
  if (token === undefined) return "";
  history.replaceState(null, "", location.pathname + location.search);
  return token;
}

const given = takeToken();
// Without an answer the page still works with a token.
const provider = await signInWays()
  .then((ways) => signIn(ways, "/graphql"))
  .catch(() => null);
const openingHeaders = { Authorization: `Bearer ${given || (provider?.token() ?? "")}` };
const openingText = JSON.stringify(openingHeaders, null, 2);

// Following a link with another token in this tab changes only the fragment.
addEventListener("hashchange", () => location.reload());

/**
 * Send one operation. Each call has a new client, because a socket is authorised once, when it
 * opens, and the Headers editor may have changed since. It connects only for a subscription.
 */
const fetcher: Fetcher = async (operation, options) => {
  // GraphiQL reads the schema before its Headers editor can be read.
  const opening = operation.operationName === "IntrospectionQuery" ? openingHeaders : {};
  const headers = options?.headers ?? opening;
  const send = createGraphiQLFetcher({
    url: GRAPHQL_URL.href,
    enableIncrementalDelivery: false,
    wsClient: createClient({
      url: SOCKET_URL,
      connectionParams: { Authorization: new Headers(headers).get("Authorization") ?? "" },
      // Retrying would hide a refused token for half a minute.
      retryAttempts: 0,
    }),
  });
  return send(operation, { ...options, headers });
};

const root = document.getElementById("root");
if (!root) throw new Error("graphiql.html has no element with the id root");
createRoot(root).render(
  <GraphiQL
    fetcher={fetcher}
    defaultQuery={FIRST_QUERY}
    initialHeaders={openingText}
    defaultHeaders={openingText}
    defaultEditorToolsVisibility="headers"
    // No token is kept, neither with the tabs nor by the history plugin, which stores headers
    // whatever shouldPersistHeaders says. Variables may name patients, so they end with the tab.
    shouldPersistHeaders={false}
    plugins={[]}
    storage={sessionStorage}
  >
    <GraphiQL.Logo>
      Recalls
      {provider && (
        <button type="button" className="sign-in" onClick={() => void provider.start()}>
          {provider.failed ? "That didn't work. Sign in again" : "Sign in"}
        </button>
      )}
    </GraphiQL.Logo>
  </GraphiQL>,
);
