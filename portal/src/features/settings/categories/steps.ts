// A category's steps in words.
import type { ContactKind } from "../../../gql/graphql";
import { KIND } from "../../../text/words";

/** Return "SMS → SMS → Letter", or "none". */
export function stepsText(steps: readonly ContactKind[]): string {
  return steps.map((kind) => KIND[kind]).join(" → ") || "none";
}
