// How a category's steps read.
import type { ContactKind } from "../../../gql/graphql";
import { KIND } from "../../../text/words";

/** "SMS → SMS → Letter". */
export function stepsText(steps: readonly ContactKind[]): string {
  return steps.map((kind) => KIND[kind]).join(" → ") || "none";
}
