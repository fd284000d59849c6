// Reads a list page by page, and keeps the pages that are on the screen as the list is.
import { useEffect, useRef, useState } from "react";

import { Failure, read } from "./client";
import type { ChangeKind, TypedDocumentString } from "./gql/graphql";
import { useChanges } from "./live";
import { inTurn } from "./parts/in-turn";

interface Page<Node> {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly totalCount?: number;
}

export interface Pages<Node> {
  /** All that is shown; undefined until it is first known. */
  readonly nodes: readonly Node[] | undefined;
  /** How many there are altogether, where the query asks for it. */
  readonly total: number | undefined;
  /** Whether there are more than what is shown. */
  readonly more: boolean;
  /** Whether it is being read for the first time, or with other variables, or further on. */
  readonly reading: boolean;
  /** Why it couldn't be read; "" where it could. */
  readonly error: string;
  showMore(): void;
  refresh(): void;
  /** Puts a row in the place of the one with its id: what a change gave is there at once. */
  put(node: Node): void;
  /** Takes a row away that a change took off the list. */
  drop(node: Node): void;
}

/**
 * Reads the first page of a query whose list `of` finds in its answer, and then as many as
 * `showMore` was called for; all of them anew on changes of these kinds.
 */
export function usePages<Data, Variables extends object, Node extends { readonly id: string }>(
  document: TypedDocumentString<Data, Variables & { after?: string | null | undefined }>,
  variables: Variables,
  of: (data: Data) => Page<Node> | undefined,
  kinds: readonly ChangeKind[],
): Pages<Node> {
  const asked = JSON.stringify(variables);
  const latest = useRef({ asked, variables, of });
  latest.current = { asked, variables, of };
  const [shown, setShown] = useState<Page<Node> & { asked: string; pages: number }>();
  const [wanted, setWanted] = useState({ asked, pages: 1 });
  const [error, setError] = useState("");
  const pages = wanted.asked === asked ? wanted.pages : 1;
  // `put` says how often a row was put or dropped.
  const reader = useRef({ pages, put: 0 });
  reader.current.pages = pages;

  const [refresh] = useState(() =>
    inTurn(async () => {
      try {
        const found = await readAll();
        if (!found) return;
        setShown(found);
        setError("");
      } catch (thrown) {
        if (!(thrown instanceof Failure)) throw thrown;
        setError(thrown.message);
      }
    }),
  );

  /** Nothing where it is no longer what is wanted, or may be older than what was put there. */
  async function readAll() {
    const { asked: about, variables: given } = latest.current;
    const now = reader.current;
    const before = now.put;
    const nodes: Node[] = [];
    let page: Page<Node> | undefined;
    let count = 0;
    do {
      const after = page?.pageInfo.endCursor ?? null;
      page = latest.current.of(await read(document, { ...given, after }));
      if (!page || latest.current.asked !== about || now.put !== before) return undefined;
      nodes.push(...page.nodes);
      count += 1;
    } while (count < now.pages && page.pageInfo.hasNextPage);
    return { ...page, nodes, asked: about, pages: now.pages };
  }

  useEffect(refresh, [refresh, asked, pages]);
  useChanges(kinds, refresh);

  function replace(id: string, by: readonly Node[]): void {
    reader.current.put += 1;
    setShown(
      (page) =>
        page && { ...page, nodes: page.nodes.flatMap((each) => (each.id === id ? by : [each])) },
    );
    refresh();
  }

  return {
    nodes: shown?.nodes,
    total: shown?.totalCount,
    more: shown?.pageInfo.hasNextPage ?? false,
    reading: !error && (shown?.asked !== asked || shown.pages !== pages),
    error,
    showMore: () => setWanted({ asked, pages: pages + 1 }),
    refresh,
    put: (node) => replace(node.id, [node]),
    drop: (node) => replace(node.id, []),
  };
}
