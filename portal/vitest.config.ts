// Runs src/**/*.test.ts(x) without a browser, as if on a computer in Sydney.
import { availableParallelism } from "node:os";

import { defineConfig } from "vitest/config";

export default defineConfig({
  // urql's packages refer to source maps that they don't ship.
  logLevel: "error",
  plugins: [
    {
      // In development mode urql looks for a document's text; the portal only has its hash.
      name: "urql in production mode",
      transform: (code, id) =>
        /node_modules\/(@urql|urql)\//.test(id)
          ? code.replaceAll("process.env.NODE_ENV", '"production"')
          : null,
    },
  ],
  test: {
    include: ["src/**/*.test.{ts,tsx}"],
    // Files share their imports and one window, because React Aria takes a second to load.
    isolate: false,
    setupFiles: ["src/testing/setup.ts"],
    env: { TZ: "Australia/Sydney", LANG: "en_AU.UTF-8" },
    // Generous, so that a busy machine fails no test.
    testTimeout: 30_000,
    expect: { poll: { timeout: 20_000 } },
    clearMocks: true,
    restoreMocks: true,
    unstubGlobals: true,
    server: { deps: { inline: ["@urql/core", "urql"] } },
    // Tests spend a third of their time waiting.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    pool: "threads",
  },
});
