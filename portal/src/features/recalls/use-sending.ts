// Sends the selected by SMS: asks if consent is withheld or can't be read, and never sends twice.
import { useRef, useState } from "react";

import { Failure, Unanswered } from "../../api/errors";
import { mutate } from "../../api/operations";
import {
  SendRecallsDocument,
  type SendRecallsInput,
  type SendRecallsMutation,
} from "../../gql/graphql";
import { type Action, useAction } from "../../ui/use-action";
import { type Run, watch } from "../runs/watched";
import { batches } from "./batches";
import type { Selected } from "./selection";

/** Seconds for which a whole send can be undone. */
const HOLD_SECONDS = 10;

export interface Asking {
  /** The recalls that staff are asked about. */
  readonly recalls: readonly Selected[];
  /** How many other patients it can be sent to. */
  readonly others: number;
}

export interface Sending extends Action {
  /** What staff must decide before anything is sent; null if nothing. */
  readonly asking: Asking | null;
  start(): void;
  /** Send after staff decided: with the recalls asked about if `proceed`, otherwise without. */
  decide(proceed: boolean): void;
  cancel(): void;
}

/** Return how to send the selected. `onSent` gets the recalls of each accepted run. */
export function useSending(
  recalls: ReadonlyMap<string, Selected>,
  onSent: (ids: readonly string[]) => void,
): Sending {
  const action = useAction();
  const [asking, setAsking] = useState<Asking | null>(null);
  // A retry after a lost answer uses the same key, so nothing is sent twice.
  const keys = useRef(new Map<string, string>());

  const keyOf = (call: string): string => {
    let key = keys.current.get(call);
    if (!key) keys.current.set(call, (key = crypto.randomUUID()));
    return key;
  };

  /** Send; `proceed` holds the recalls that staff said yes to, null before they were asked. */
  const send = (wanted: ReadonlyMap<string, Selected>, proceed: readonly Selected[] | null) =>
    action.run(async () => {
      const cut = batches(wanted);
      const overridable = [...wanted.values()].filter((each) => each.smsStatus.overridable);
      // With several runs, the first would be sent before the API asks about the second.
      if (cut.length > 1 && overridable.length && !proceed) {
        setAsking({ recalls: overridable, others: others(wanted) });
        return;
      }
      const runs: Run[] = [];
      const left = new Map(wanted);
      let nothing = "";
      try {
        for (const recallIds of cut) {
          const confirmed = proceed?.map(({ id }) => id).filter((id) => recallIds.includes(id));
          const call = JSON.stringify([recallIds, confirmed]);
          const { sendRecalls: result } = await sendWithRetry({
            recallIds,
            proceedWithoutConsent: proceed !== null,
            confirmedRecallIds: confirmed,
            holdSeconds: HOLD_SECONDS,
            idempotencyKey: keyOf(call),
          });
          keys.current.delete(call);
          switch (result.__typename) {
            case "Run":
              runs.push(result);
              for (const id of recallIds) left.delete(id);
              onSent(recallIds);
              break;
            case "ConsentConfirmationRequired":
              for (const recall of result.recalls) left.set(recall.id, recall);
              setAsking({
                recalls: result.recalls,
                others: cut.length > 1 ? others(left) : result.sendable,
              });
              return;
            case "NothingToSend":
              nothing = result.message;
              break;
            case "UnknownRecalls":
              throw new Failure(result.message);
          }
        }
      } finally {
        if (runs.length) watch(runs);
      }
      setAsking(null);
      if (nothing) throw new Failure(nothing);
    });

  return {
    ...action,
    asking,
    start: () => void send(recalls, null),
    decide: (proceed) => {
      if (!asking) return;
      const wanted = new Map(recalls);
      if (!proceed) for (const { id } of asking.recalls) wanted.delete(id);
      void send(wanted, proceed ? asking.recalls : null);
    },
    cancel: () => {
      setAsking(null);
      action.clear();
    },
  };
}

/** Send, and once more if the answer was lost; the key shows the API that it is the same send. */
async function sendWithRetry(input: SendRecallsInput): Promise<SendRecallsMutation> {
  try {
    return await mutate(SendRecallsDocument, { input });
  } catch (thrown) {
    if (!(thrown instanceof Unanswered)) throw thrown;
    return mutate(SendRecallsDocument, { input });
  }
}

const others = (recalls: ReadonlyMap<string, Selected>): number =>
  new Set(
    [...recalls.values()].flatMap(({ patient, smsStatus }) =>
      smsStatus.blocked ? [] : [patient.id],
    ),
  ).size;
