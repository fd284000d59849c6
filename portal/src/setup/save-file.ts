// Saves what was downloaded where the browser keeps downloads.
import type { Download } from "../client";

export function saveFile({ content, name }: Download): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // Not at once: some browsers take it up a little later.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
