// Tests of what remains of an operation once it is answered: nothing.
import { expect, test } from "vitest";

import { anApi } from "../testing/api";
import { leftOf } from "../testing/garbage";
import { RecallsDocument } from "../gql/graphql";
import { query } from "./operations";

test("an answer that nothing shows any more is let go of", async () => {
  // given
  const api = anApi();
  api.on(RecallsDocument).answers(() => ({
    recalls: { nodes: [], pageInfo: { hasNextPage: true, endCursor: "next" } },
  }));
  const read = async (after: string) =>
    new WeakRef(await query(RecallsDocument, { tab: "ALL", filter: {}, first: 100, after }));
  // when: a long list is read
  const pages: WeakRef<object>[] = [];
  for (let page = 0; page < 100; page += 1) pages.push(await read(`page ${page}`));
  // then: the latest may still be on its way out
  expect(await leftOf(pages)).toBeLessThan(5);
});
