// What a part of a screen says when it is first shown, without a browser.
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

/** As HTML. */
export function markup(of: React.ReactNode): string {
  return renderToStaticMarkup(
    <Router ssrPath="/">
      <ViewerContext value={VIEWER}>{of}</ViewerContext>
    </Router>,
  );
}

/** As text: what is beside each other runs together, as it does in the page's own text. */
export function text(of: React.ReactNode): string {
  return markup(of)
    .replace(/<[^>]*>/g, "")
    .replace(/&(?:amp|lt|gt|quot|#x27);/g, (written) => LETTERS[written] ?? written);
}
