// The viewer, with role and practice, for every component of the screen.
import { createContext, useContext } from "react";

import type { ViewerQuery } from "../gql/graphql";

export type Viewer = ViewerQuery["viewer"];

/** Holds the viewer; null until known. */
export const ViewerContext = createContext<Viewer | null>(null);

/** Return the viewer; only for components that are rendered once it is known. */
export function useViewer(): Viewer {
  const viewer = useContext(ViewerContext);
  if (!viewer) throw new Error("nobody is signed in here");
  return viewer;
}
