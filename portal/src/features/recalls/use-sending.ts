// Sends the selected by SMS: asks where consent is withheld or can't be read, and never sends twice.
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

/** Seconds in which a send can be undone as a whole. */
const HOLD = 10;

export interface Asking {
  /** Those that staff are asked about. */
  readonly recalls: readonly Selected[];
  /** How many of the others can be sent. */
  readonly others: number;
}

export interface Sending extends Action {
  /** What is to be decided before anything is sent; null where nothing is. */
  readonly asking: Asking | null;
  start(): void;
  /** Staff decided: `proceed` sends to those asked about as well, else they are left out. */
  decide(proceed: boolean): void;
  cancel(): void;
}

/** `onSent` is told of those whose run was accepted, so that what isn't sent is what is left. */
export function useSending(
  recalls: ReadonlyMap<string, Selected>,
  onSent: (ids: readonly string[]) => void,
): Sending {
  const action = useAction();
  const [asking, setAsking] = useState<Asking | null>(null);
  // An answer that was lost is asked for again by the same key: nothing is sent twice.
  const keys = useRef(new Map<string, string>());

  const keyOf = (call: string): string => {
    let key = keys.current.get(call);
    if (!key) keys.current.set(call, (key = crypto.randomUUID()));
    return key;
  };

  /** `proceed` for the recalls that staff were asked about; others are asked about first. */
  const send = (wanted: ReadonlyMap<string, Selected>, proceed: readonly Selected[] | null) =>
    action.run(async () => {
      const cut = batches(wanted);
      const overridable = [...wanted.values()].filter((each) => each.smsStatus.overridable);
      // Of several runs the first would be accepted before the second is asked about.
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
          const { sendRecalls: result } = await accepted({
            recallIds,
            proceedWithoutConsent: proceed !== null,
            confirmedRecallIds: confirmed,
            holdSeconds: HOLD,
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

/** Has a send accepted. One whose answer was lost is asked for once more: the key says it is the same. */
async function accepted(input: SendRecallsInput): Promise<SendRecallsMutation> {
  try {
    return await mutate(SendRecallsDocument, { input });
  } catch (thrown) {
    if (!(thrown instanceof Unanswered)) throw thrown;
    return mutate(SendRecallsDocument, { input });
  }
}

const others = (recalls: ReadonlyMap<string, Selected>): number =>
  [...recalls.values()].filter((each) => !each.smsStatus.blocked).length;
