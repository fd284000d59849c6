// Renders a part of the portal for tests with keys and clicks, on the real client.
import { configure, render } from "@testing-library/react";
// Before the client, which reads WebSocket when it is loaded.
import "./api";
import { Provider } from "urql";

import { client } from "../api/client";
import { ViewerContext } from "../auth/viewer";
import { VIEWER } from "./facts";

configure({ asyncUtilTimeout: 20_000 });

/** Provides the contexts that hooks and screens need. */
export function Around({ children }: { children: React.ReactNode }) {
  return (
    <Provider value={client}>
      <ViewerContext value={VIEWER}>{children}</ViewerContext>
    </Provider>
  );
}

/** Render it at the path. */
export function show(what: React.ReactNode, path = "/") {
  history.replaceState(null, "", path);
  return render(what, { wrapper: Around });
}
