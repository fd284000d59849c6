// The first rendering of a part of a screen, without a browser.
import { renderToStaticMarkup } from "react-dom/server";
import { Router } from "wouter";

import { ViewerContext } from "../auth/viewer";
import { VIEWER } from "./facts";

const LETTERS: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#x27;": "'",
};

/** Return it as HTML. */
export function markup(of: React.ReactNode): string {
  return renderToStaticMarkup(
    <Router ssrPath="/">
      <ViewerContext value={VIEWER}>{of}</ViewerContext>
    </Router>,
  );
}

/** Return it as text; adjacent elements run together, as in the page's own `textContent`. */
export function text(of: React.ReactNode): string {
  return markup(of)
    .replace(/<[^>]*>/g, "")
    .replace(/&(?:amp|lt|gt|quot|#x27);/g, (written) => LETTERS[written] ?? written);
}
