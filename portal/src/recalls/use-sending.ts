// Sends the selected by SMS: asks where consent is withheld or can't be read, and never sends twice.
import { useRef, useState } from "react";

import { change } from "../client";
import { SendRecallsDocument } from "../gql/graphql";
import { type Action, useAction } from "../parts/use-action";
import { type Run, watch } from "../runs/watched";
import { parts, type Selected } from "./use-selection";

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
  /** Said when there was nothing to send. */
  readonly told: string;
  start(): void;
  /** Staff decided: `proceed` sends to those asked about as well, else they are left out. */
  decide(proceed: boolean): void;
  cancel(): void;
}

/** `onSent` is told when everything that was to be sent has been accepted. */
export function useSending(recalls: ReadonlyMap<string, Selected>, onSent: () => void): Sending {
  const action = useAction();
  const [asking, setAsking] = useState<Asking | null>(null);
  const [told, setTold] = useState("");
  // An answer that was lost is asked for again by the same key: nothing is sent twice.
  const keys = useRef(new Map<string, string>());

  const keyOf = (call: string): string => {
    let key = keys.current.get(call);
    if (!key) keys.current.set(call, (key = crypto.randomUUID()));
    return key;
  };

  const send = (wanted: ReadonlyMap<string, Selected>, proceed: boolean) =>
    action.run(async () => {
      setTold("");
      const cut = parts(wanted);
      const overridable = [...wanted.values()].filter((each) => each.smsStatus.overridable);
      // Of several runs the first would be accepted before the second is asked about.
      if (cut.length > 1 && overridable.length && !proceed) {
        setAsking({ recalls: overridable, others: others(wanted) });
        return;
      }
      const runs: Run[] = [];
      const calls: string[] = [];
      try {
        for (const recallIds of cut) {
          const call = JSON.stringify([recallIds, proceed]);
          calls.push(call);
          const { sendRecalls: result } = await change(SendRecallsDocument, {
            input: {
              recallIds,
              proceedWithoutConsent: proceed,
              holdSeconds: HOLD,
              idempotencyKey: keyOf(call),
            },
          });
          if (result.__typename === "ConsentConfirmationRequired") {
            setAsking({ recalls: result.recalls, others: result.sendable });
            return;
          }
          if (result.__typename === "Run") runs.push(result);
          else setTold(result.message);
        }
      } finally {
        if (runs.length) watch(runs);
      }
      for (const call of calls) keys.current.delete(call);
      setAsking(null);
      onSent();
    });

  return {
    ...action,
    asking,
    told,
    start: () => void send(recalls, false),
    decide: (proceed) => {
      if (!asking) return;
      const wanted = new Map(recalls);
      if (!proceed) for (const { id } of asking.recalls) wanted.delete(id);
      void send(wanted, proceed);
    },
    cancel: () => {
      setAsking(null);
      action.clear();
    },
  };
}

const others = (recalls: ReadonlyMap<string, Selected>): number =>
  [...recalls.values()].filter((each) => !each.smsStatus.blocked).length;
