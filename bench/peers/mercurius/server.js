// Mercurius with its JIT: one statement a page, prepared once a connection.
import { readFileSync } from "node:fs";
import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";

const DATE = 1082;
pg.types.setTypeParser(DATE, (text) => text);
const pool = new pg.Pool({
  connectionString: process.env.RECALLS_DATABASE_OWNER_URL,
  max: Number(process.env.RECALLS_DATABASE_CONNECTIONS),
  idleTimeoutMillis: 0,
  options: "-c plan_cache_mode=force_generic_plan",
});
const text = readFileSync(new URL("../page.sql", import.meta.url), "utf8");

const schema = `
  scalar Date
  type Category { id: ID! name: String! }
  type Patient { id: ID! firstName: String! lastName: String! mobile: String }
  type SmsStatus { blocked: Boolean! reason: String overridable: Boolean! message: String }
  type Recall {
    id: ID! reason: String! urgency: String dueDate: Date!
    category: Category patient: Patient! smsStatus: SmsStatus!
  }
  type RecallEdge { cursor: String! node: Recall! }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type RecallConnection { edges: [RecallEdge!]! pageInfo: PageInfo! }
  input RecallFilter { blocked: Boolean }
  type Query {
    recalls(practice: Int!, first: Int!, after: String, filter: RecallFilter): RecallConnection!
  }`;

const edge = (row) => ({
  cursor: Buffer.from(`recalls|${row.due_date}|${row.id}`).toString("base64url"),
  node: {
    id: `Recall:${row.id}`,
    reason: row.reason,
    urgency: row.urgency,
    dueDate: row.due_date,
    category: row.category_id && { id: `Category:${row.category_id}`, name: row.category_name },
    patient: {
      id: `Patient:${row.patient_id}`,
      firstName: row.first_name,
      lastName: row.last_name,
      mobile: row.mobile,
    },
    smsStatus: {
      blocked: row.sms_reason !== null,
      reason: row.sms_reason,
      overridable: row.overridable,
      message: row.message,
    },
  },
});

const resolvers = {
  Query: {
    async recalls(_, { practice, first, after }) {
      const [due, key] = after
        ? Buffer.from(after, "base64url").toString().split("|").slice(1)
        : ["0001-01-01", "0"];
      const values = [practice, due, key, first + 1];
      const { rows } = await pool.query({ name: "page", text, values });
      const edges = rows.slice(0, first).map(edge);
      const endCursor = edges.at(-1)?.cursor ?? null;
      return { edges, pageInfo: { hasNextPage: rows.length > first, endCursor } };
    },
  },
};

const app = Fastify();
app.register(mercurius, { schema, resolvers, jit: 1 });
await app.listen({ host: "127.0.0.1", port: Number(process.env.RECALLS_PORT) });
