// The portal's entry point: finds out who is signed in, and renders the page.
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/shell.css";
import "./styles/recall-grid.css";
import "./styles/recall-parts.css";
import "./styles/recall-print.css";
// After those, whose rules it changes for low windows and coarse pointers.
import "./styles/recalls.css";

import { createRoot } from "react-dom/client";
import { Provider } from "urql";

// Must come before any module that loads the router.
import "./auth/leaving";

import { App } from "./App";
import { client } from "./api/client";
import { beginSession } from "./auth/signing";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element with the id root");
await beginSession();
createRoot(root).render(
  <Provider value={client}>
    <App />
  </Provider>,
);
