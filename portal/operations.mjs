// Writes src/gql/ from the operations in src/: their types, and the manifest of trusted documents.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { codegen } from "@graphql-codegen/core";
import { preset } from "@graphql-codegen/client-preset";
import { buildSchema, lexicographicSortSchema, parse, print, printSchema } from "graphql";

const OUTPUT = "src/gql/";
const schemaAst = lexicographicSortSchema(
  buildSchema(readFileSync("../schema/schema.graphql", "utf8")),
);
const documents = readdirSync("src", { recursive: true })
  .filter((name) => name.endsWith(".graphql"))
  .sort()
  .map((name) => {
    const document = parse(readFileSync(`src/${name}`, "utf8"));
    return { location: `src/${name}`, document, rawSDL: print(document) };
  });
const sections = await preset.buildGeneratesSection({
  baseOutputDir: OUTPUT,
  schema: parse(printSchema(schemaAst)),
  schemaAst,
  documents,
  plugins: [],
  pluginMap: {},
  presetConfig: {
    fragmentMasking: false,
    // Pages refer to a document by its hash; only the manifest has its text.
    persistedDocuments: { mode: "replaceDocumentWithHash", hashAlgorithm: "sha256" },
  },
  config: {
    documentMode: "string",
    enumsAsTypes: true,
    useTypeImports: true,
    immutableTypes: true,
    scalars: { Date: "string", DateTime: "string" },
  },
});
for (const section of sections) {
  const text = await codegen(section);
  mkdirSync(dirname(section.filename), { recursive: true });
  writeFileSync(section.filename, text);
}
