// Runs the audits of graphql-http against the API at argv[2], and prints what each found as JSON.
// The token comes in TOKEN, for arguments can be seen by everybody.
import { createRequire } from "node:module";

// As if this were a script of the portal, whose packages these are.
const require = createRequire(new URL("../../../portal/package.json", import.meta.url));
const { serverAudits } = require("graphql-http");

const headers = { authorization: `Bearer ${process.env.TOKEN}` };
const found = [];
for (const { fn } of serverAudits({
  url: process.argv[2],
  fetchFn: (url, init) => fetch(url, { ...init, headers: { ...init?.headers, ...headers } }),
})) {
  const { id, name, status, reason } = await fn();
  found.push({ id, name, status, reason });
}
console.log(JSON.stringify(found));
