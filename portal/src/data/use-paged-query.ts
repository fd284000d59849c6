// A long list that is shown from its beginning, with more on request.
import { useEffect, useEffectEvent, useState } from "react";

import { query } from "../api/operations";
import type { ChangeKind, TypedDocumentString } from "../gql/graphql";
import { useChanges } from "./changes";
import { firstPages, type Page, PagedList } from "./paged-list";
import { useStore } from "./store";

export interface PagedQuery<Node> {
  /** All rows shown; undefined until first known. */
  readonly nodes: readonly Node[] | undefined;
  /** The number of all rows, if the query asks for it. */
  readonly total: number | undefined;
  /** Whether there are more rows than are shown. */
  readonly more: boolean;
  /** Whether it is being read for the first time, with other variables, or further on. */
  readonly reading: boolean;
  /** Why it couldn't be read; "" if it could. */
  readonly error: string;
  showMore(): void;
  refresh(): void;
  /** Replace the row with the same id at once, by the result of a mutation. */
  put(node: Node): void;
  /** Remove a row at once that a mutation took off the list. */
  drop(node: Node): void;
}

/**
 * Read the first page of a query, and one more for each call of `showMore`; on changes of these
 * kinds, read them all again. `of` finds the list in the query's answer.
 */
export function usePagedQuery<Data, Variables extends object, Node extends { readonly id: string }>(
  document: TypedDocumentString<Data, Variables & { after?: string | null | undefined }>,
  variables: Variables,
  of: (data: Data) => Page<Node> | undefined,
  kinds: readonly ChangeKind[],
): PagedQuery<Node> {
  const asked = JSON.stringify(variables);
  const [list] = useState(() => new PagedList<Node>());
  const shown = useStore(list);
  const [wanted, setWanted] = useState({ asked, pages: 1 });
  const pages = wanted.asked === asked ? wanted.pages : 1;

  const begin = useEffectEvent((about: string) => {
    const read = (after: string | null) => query(document, { ...variables, after }).then(of);
    list.show(about, read, firstPages(1));
  });
  useEffect(() => begin(asked), [asked]);
  useChanges(kinds, list.refresh);

  return {
    nodes: shown.nodes,
    total: shown.total,
    more: shown.more,
    reading: !shown.error && (shown.of !== asked || shown.upTo !== pages),
    error: shown.error,
    showMore: () => {
      setWanted({ asked, pages: pages + 1 });
      list.want(firstPages(pages + 1));
    },
    refresh: list.refresh,
    put: (node) => list.replace(node.id, [node]),
    drop: (node) => list.replace(node.id, []),
  };
}
