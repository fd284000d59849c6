// Compresses the build's output once and well, so that the API needn't do so for each browser.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/** The best quality takes ten times as long and saves a twentieth. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
const ASSETS = join(import.meta.dirname, "dist", "assets");

for (const name of readdirSync(ASSETS)) {
  if (!/\.(?:js|css)$/.test(name)) continue;
  const content = readFileSync(join(ASSETS, name));
  writeFileSync(join(ASSETS, `${name}.br`), brotliCompressSync(content, BROTLI));
  writeFileSync(join(ASSETS, `${name}.gz`), gzipSync(content, { level: 9 }));
}
