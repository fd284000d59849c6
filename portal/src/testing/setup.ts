// Opens the window and cleans up after each test. All test files share one window, because React
// and its libraries hold on to the first they see.
import { afterEach } from "vitest";
import { builtinEnvironments } from "vitest/runtime";

if (!("document" in globalThis)) {
  await builtinEnvironments["happy-dom"].setup(globalThis, {});
  // happy-dom's document is no instance of its window's Document; React Aria asks, to find the focus.
  Object.defineProperty(Document, Symbol.hasInstance, {
    value: (node: unknown) => node === document,
  });
}
const { act, cleanup, renderHook } = await import("@testing-library/react");
const { forgetAnswers } = await import("../data/answers");
const { close, useStarted } = await import("../features/runs/watched");

afterEach(() => {
  const { current: started } = renderHook(useStarted).result;
  act(() => close(started.flatMap(({ runs }) => runs)));
  cleanup();
  forgetAnswers();
  document.body.replaceChildren();
});
