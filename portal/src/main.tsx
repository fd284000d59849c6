// Begins the portal: finds out who is signed in, and shows the page.
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/recalls.css";

import { createRoot } from "react-dom/client";
import { Provider } from "urql";

// Before what brings the router.
import "./leaving";

import { App } from "./App";
import { client } from "./client";
import { beginSession } from "./session";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element with the id root");
await beginSession();
createRoot(root).render(
  <Provider value={client}>
    <App />
  </Provider>,
);
