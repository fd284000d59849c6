// PostGraphile 5 over the views of bench/sql/postgraphile.sql, with generic plans.
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { TYPES } from "postgraphile/@dataplan/pg";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { addPgTableCondition } from "postgraphile/utils";

// Where a page begins, once more, for the index: PostgreSQL finds no place in it by the condition
// that a cursor becomes.
const dueFrom = addPgTableCondition(
  { schemaName: "postgraphile", tableName: "recalls" },
  "dueFrom",
  (build) => ({
    type: build.graphql.GraphQLString,
    apply(condition, value) {
      if (value === null) return;
      const { sql } = build;
      condition.where(
        sql`${condition.alias}.due_date >= ${build.dataplanPg.sqlValueWithCodec(value, TYPES.date)}`,
      );
    },
  }),
);

const preset = {
  extends: [PostGraphileAmberPreset],
  plugins: [dueFrom],
  disablePlugins: ["NodePlugin"],
  schema: { defaultBehavior: "-insert -update -delete" },
  pgServices: [
    makePgService({
      connectionString: process.env.RECALLS_DATABASE_OWNER_URL,
      schemas: ["postgraphile"],
      poolConfig: {
        max: Number(process.env.RECALLS_DATABASE_CONNECTIONS),
        idleTimeoutMillis: 0,
        options: "-c plan_cache_mode=force_generic_plan",
      },
    }),
  ],
  grafserv: { graphqlPath: "/graphql", graphiql: false, watch: false },
  grafast: { explain: false },
};

const server = createServer();
await postgraphile(preset).createServ(grafserv).addTo(server);
server.listen(Number(process.env.RECALLS_PORT), "127.0.0.1");
