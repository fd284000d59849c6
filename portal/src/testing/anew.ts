// All files share one window, for React and its libraries keep hold of the first they see: here it
// is opened, and what a test leaves in it is taken away.
import { afterEach } from "vitest";
import { builtinEnvironments } from "vitest/runtime";

if (!("document" in globalThis)) await builtinEnvironments["happy-dom"].setup(globalThis, {});
const { act, cleanup, renderHook } = await import("@testing-library/react");
const { putAway, useStarted } = await import("../features/runs/watched");

afterEach(() => {
  const { current: started } = renderHook(useStarted).result;
  for (const { key } of started) act(() => putAway(key));
  cleanup();
  document.body.replaceChildren();
});
