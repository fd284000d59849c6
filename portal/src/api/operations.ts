// Running one operation: a mutation, or a query that is asked once.
import type { DocumentInput, OperationResult } from "@urql/core";

import type { TypedDocumentString } from "../gql/graphql";
import { client } from "./client";
import { trusted } from "./documents";
import { failureOf } from "./errors";

/** Run a mutation and return its data; throws a `Failure`. */
export async function mutate<Data, Variables extends object>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const input = trusted(document) as DocumentInput<Data, Variables>;
  return dataOf(await client.mutation(input, variables).toPromise());
}

/** Run a query and return its data; throws a `Failure`. */
export async function query<Data, Variables extends object>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const input = trusted(document) as DocumentInput<Data, Variables>;
  return dataOf(await client.query(input, variables).toPromise());
}

function dataOf<Data>({ data, error }: Pick<OperationResult<Data>, "data" | "error">): Data {
  if (error || !data) throw failureOf(error);
  return data;
}
