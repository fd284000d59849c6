// Builds the portal's pages into dist/, which the API serves under /portal/. One input per page.
import { defineConfig } from "vite";

export default defineConfig({
  base: "/portal/",
  build: {
    rolldownOptions: {
      input: ["index.html", "graphiql.html"],
      // The libraries' "use client" lines mean nothing here: there is no server rendering.
      checks: { moduleLevelDirective: false },
    },
    // In kB: Monaco, the editor inside GraphiQL, is one large chunk.
    chunkSizeWarningLimit: 3000,
  },
});
