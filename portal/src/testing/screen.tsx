// A part of the portal on a screen that a test can press keys on, with the real client behind it.
import { configure, render } from "@testing-library/react";
// Before the client, which takes up the line when it is loaded.
import "./api";
import { useState } from "react";
import { Provider } from "urql";

import { newClient } from "../api/client";
import { ViewerContext } from "../auth/viewer";
import { VIEWER } from "./facts";

configure({ asyncUtilTimeout: 20_000 });

/** What a hook or a screen finds around it, at the address. */
export function Around({ children }: { children: React.ReactNode }) {
  // What an earlier test was answered is not known to it.
  const [client] = useState(newClient);
  return (
    <Provider value={client}>
      <ViewerContext value={VIEWER}>{children}</ViewerContext>
    </Provider>
  );
}

/** Shows it, as somebody would find it at the path. */
export function show(what: React.ReactNode, path = "/") {
  history.replaceState(null, "", path);
  return render(what, { wrapper: Around });
}
