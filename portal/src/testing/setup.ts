// Opens the window and cleans up after each test. All test files share one window, because React
// and its libraries hold on to the first they see.
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
