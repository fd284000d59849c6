// Who is signed in and at which practice, for whatever is on the screen.
import { createContext, useContext } from "react";

import type { ViewerQuery } from "../gql/graphql";

export type Viewer = ViewerQuery["viewer"];

/** Holds who is signed in; null until that is known. */
export const ViewerContext = createContext<Viewer | null>(null);

/** Gives who is signed in; only for what is shown once that is known. */
export function useViewer(): Viewer {
  const viewer = useContext(ViewerContext);
  if (!viewer) throw new Error("nobody is signed in here");
  return viewer;
}
