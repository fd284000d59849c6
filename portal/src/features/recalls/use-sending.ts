// Sends the selected by SMS: asks if consent is withheld or can't be read, and never sends twice.
import { useRef, useState } from "react";

import { Failure, Unanswered } from "../../api/errors";
import { mutate } from "../../api/operations";
import {
  RecordConsentChecksDocument,
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
/** The most patients that `recordConsentChecks` takes. */
const MOST_PATIENTS = 1000;

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
  /** Send after staff decided: of the recalls asked about, only to those that they ticked. */
  decide(ticked: readonly Selected[]): void;
  /** Ask no longer about this number, which has been blocked. */
  leaveOut(mobile: string): void;
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
      if (proceed) await rememberChecks(proceed);
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
    decide: (ticked) => {
      if (!asking) return;
      const wanted = new Map(recalls);
      for (const { id } of asking.recalls) wanted.delete(id);
      for (const recall of ticked) wanted.set(recall.id, recall);
      if (wanted.size) void send(wanted, ticked.length ? ticked : null);
    },
    leaveOut: (mobile) => {
      if (!asking) return;
      const left = asking.recalls.filter(({ patient }) => patient.mobile !== mobile);
      setAsking(left.length || asking.others ? { ...asking, recalls: left } : null);
    },
    cancel: () => {
      setAsking(null);
      action.clear();
    },
  };
}

/** Where the PMS shares no consent, staff have looked it up there: they aren't asked again. */
async function rememberChecks(recalls: readonly Selected[]): Promise<void> {
  const checked = recalls.filter(({ smsStatus }) => smsStatus.reason === "PMS_CONSENT_UNREADABLE");
  const patients = [...new Set(checked.map(({ patient }) => patient.id))];
  for (let from = 0; from < patients.length; from += MOST_PATIENTS) {
    const { recordConsentChecks: result } = await mutate(RecordConsentChecksDocument, {
      input: { patientIds: patients.slice(from, from + MOST_PATIENTS) },
    });
    if (result.__typename !== "ConsentChecks") throw new Failure(result.message);
  }
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
