// Runs src/**/*.test.ts(x): as at a computer in Sydney, and in no browser.
import { availableParallelism } from "node:os";

import { defineConfig } from "vitest/config";

export default defineConfig({
  // urql's packages name source maps that they don't bring.
  logLevel: "error",
  plugins: [
    {
      // While one develops, urql looks for a document's text; the portal has its hash alone.
      name: "urql as it is built",
      transform: (code, id) =>
        /node_modules\/(@urql|urql)\//.test(id)
          ? code.replaceAll("process.env.NODE_ENV", '"production"')
          : null,
    },
  ],
  test: {
    include: ["src/**/*.test.{ts,tsx}"],
    // Files share what they import, and a window: React Aria takes a second to load.
    isolate: false,
    setupFiles: ["src/testing/anew.ts"],
    env: { TZ: "Australia/Sydney", LANG: "en_AU.UTF-8" },
    // A busy machine is no failure.
    testTimeout: 30_000,
    expect: { poll: { timeout: 20_000 } },
    clearMocks: true,
    restoreMocks: true,
    unstubGlobals: true,
    server: { deps: { inline: ["@urql/core", "urql"] } },
    // A test waits a third of its time.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    pool: "threads",
  },
});
