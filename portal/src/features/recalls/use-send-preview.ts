// What sending the selected would do: from the list's rows at first, then from the API.
import { useEffect, useState } from "react";

import { Failure, messageOf } from "../../api/errors";
import { query } from "../../api/operations";
import { useChanges } from "../../data/changes";
import { inTurn } from "../../data/in-turn";
import { createStore } from "../../data/store";
import { SendPreviewDocument, type SendPreviewQuery, type SmsBlockReason } from "../../gql/graphql";
import { batches } from "./batches";
import type { Selected } from "./selection";

/** Milliseconds without a change of the selection before the API is asked. */
const PAUSE = 120;

export type Draft = Extract<
  SendPreviewQuery["sendPreview"],
  { __typename: "SendPreview" }
>["drafts"][number];
export interface Count {
  readonly reason: SmsBlockReason;
  readonly count: number;
}

export interface Preview {
  /** How many messages may go; null until the API has answered. */
  readonly messages: number | null;
  readonly segments: number | null;
  readonly skipped: number;
  readonly toConfirm: readonly Count[];
  readonly refusals: readonly Count[];
  readonly drafts: readonly Draft[];
  /** Whether any message may go. */
  readonly sendable: boolean;
  readonly error: string;
}

/** Return the preview of sending the selected, kept up to date. */
export function useSendPreview(recalls: ReadonlyMap<string, Selected>): Preview {
  const [answer, setAnswer] = useState<{ of: typeof recalls; preview: Preview } | null>(null);
  const [wanted] = useState(() => createStore(recalls));

  const [ask] = useState(() =>
    inTurn(async () => {
      const of = wanted.get();
      if (!of.size) return;
      let preview: Preview;
      try {
        preview = await previewFromApi(of);
      } catch (thrown) {
        preview = { ...previewFromList(of), error: messageOf(thrown) };
      }
      if (wanted.get() === of) setAnswer({ of, preview });
    }),
  );
  useEffect(() => {
    wanted.set(recalls);
    const timer = setTimeout(ask, PAUSE);
    return () => clearTimeout(timer);
  }, [recalls, wanted, ask]);
  useChanges(["RECALLS", "BLOCKS", "SETUP"], ask);

  return answer?.of === recalls ? answer.preview : previewFromList(recalls);
}

/** Return what the list's rows already say: which recalls the rule lets through. */
function previewFromList(recalls: ReadonlyMap<string, Selected>): Preview {
  const toConfirm = new Map<SmsBlockReason, number>();
  const refusals = new Map<SmsBlockReason, number>();
  let sendable = false;
  for (const { smsStatus } of recalls.values()) {
    if (!smsStatus.blocked || smsStatus.overridable) sendable = true;
    if (!smsStatus.reason) continue;
    const counts = smsStatus.overridable ? toConfirm : refusals;
    counts.set(smsStatus.reason, (counts.get(smsStatus.reason) ?? 0) + 1);
  }
  return {
    messages: null,
    segments: null,
    skipped: 0,
    toConfirm: mostFrequentFirst(toConfirm),
    refusals: mostFrequentFirst(refusals),
    drafts: [],
    sendable,
    error: "",
  };
}

async function previewFromApi(recalls: ReadonlyMap<string, Selected>): Promise<Preview> {
  const toConfirm = new Map<SmsBlockReason, number>();
  const refusals = new Map<SmsBlockReason, number>();
  const drafts: Draft[] = [];
  const cut = batches(recalls);
  let [messages, segments, skipped] = [0, 0, 0];
  for (const recallIds of cut) {
    const { sendPreview: part } = await query(SendPreviewDocument, { recallIds });
    if (part.__typename === "UnknownRecalls") throw new Failure(part.message);
    messages += part.messages;
    segments += part.segments;
    skipped += part.skipped;
    drafts.push(...part.drafts);
    for (const { reason, count } of part.toConfirm) {
      toConfirm.set(reason, (toConfirm.get(reason) ?? 0) + count);
    }
    for (const { reason, count } of part.refusals) {
      refusals.set(reason, (refusals.get(reason) ?? 0) + count);
    }
  }
  return {
    messages,
    segments,
    skipped,
    toConfirm: mostFrequentFirst(toConfirm),
    refusals: mostFrequentFirst(refusals),
    drafts: drafts.slice(0, 3),
    sendable: messages > 0,
    error: "",
  };
}

const mostFrequentFirst = (counts: ReadonlyMap<SmsBlockReason, number>): Count[] =>
  [...counts].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count);
