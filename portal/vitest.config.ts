// Runs src/**/*.test.ts(x): as at a computer in Sydney, and in no browser.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.{ts,tsx}"],
    // A file that shows a screen says `@vitest-environment happy-dom` in its head.
    environment: "node",
    env: { TZ: "Australia/Sydney", LANG: "en_AU.UTF-8" },
    restoreMocks: true,
    unstubGlobals: true,
  },
});
