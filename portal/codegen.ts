// Writes src/gql/ from the operations in src/: their types, and the manifest of trusted documents.
import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: "../schema/schema.graphql",
  documents: "src/**/*.graphql",
  generates: {
    "src/gql/": {
      preset: "client",
      presetConfig: {
        fragmentMasking: false,
        // Pages name a document by its hash; its text is in the manifest alone.
        persistedDocuments: { mode: "replaceDocumentWithHash", hashAlgorithm: "sha256" },
      },
      config: {
        documentMode: "string",
        enumsAsTypes: true,
        useTypeImports: true,
        immutableTypes: true,
        scalars: { Date: "string", DateTime: "string" },
      },
    },
  },
};
export default config;
