// A long list that is shown from its beginning, and further as somebody asks for more.
import { useEffect, useEffectEvent, useState } from "react";

import { query } from "../api/operations";
import type { ChangeKind, TypedDocumentString } from "../gql/graphql";
import { useChanges } from "./changes";
import { firstPages, type Page, PagedList } from "./paged-list";
import { useStore } from "./store";

export interface PagedQuery<Node> {
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
