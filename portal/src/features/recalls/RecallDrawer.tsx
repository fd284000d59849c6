// Everything about one recall: the patient, the number, and every attempt.
import { Link } from "wouter";

import { errorText, Failure } from "../../api/errors";
import { mutate } from "../../api/operations";
import { useViewer } from "../../auth/viewer";
import { useLiveQuery } from "../../data/use-live-query";
import { remember } from "../../data/use-remembered";
import {
  RecallDetailsDocument,
  type RecallDetailsQuery,
  RemoveConsentChecksDocument,
} from "../../gql/graphql";
import {
  dateText,
  dueText,
  mobileText,
  momentText,
  namesText,
  nameText,
  today,
} from "../../text/format";
import { Drawer } from "../../ui/Drawer";
import { Notice } from "../../ui/Notice";
import { useAction } from "../../ui/use-action";
import { ContactHistory } from "./ContactHistory";
import { SmsIcon } from "./SmsIcon";
import { ageOn, canContact, type Contact, isOpen, statusText } from "./recall-facts";
import { reopenRecalls } from "./undo";

export type Details = Extract<NonNullable<RecallDetailsQuery["node"]>, { __typename: "Recall" }>;

interface Props {
  id: string;
  onClose: () => void;
  onBlock: (mobile: string) => void;
  onAct: (recall: Details, what: Contact) => void;
}

/** One recall, beside the list. */
export function RecallDrawer({ id, onClose, onBlock, onAct }: Props) {
  const { data, error } = useLiveQuery(RecallDetailsDocument, { id }, ["RECALLS", "BLOCKS"]);
  const recall = data?.node?.__typename === "Recall" ? data.node : null;
  return (
    <Drawer title={recall ? nameText(recall.patient) : "Recall"} onClose={onClose}>
      {recall ? (
        <LoadedRecall recall={recall} onBlock={onBlock} onAct={onAct} />
      ) : data ? (
        <p>We can’t find that recall.</p>
      ) : (
        <p role="status">{error ? "" : "Loading…"}</p>
      )}
      <Notice>{error && errorText(error)}</Notice>
    </Drawer>
  );
}

interface LoadedProps extends Pick<Props, "onBlock" | "onAct"> {
  recall: Details;
}

function LoadedRecall({ recall, onBlock, onAct }: LoadedProps) {
  const { timeZone } = useViewer().practice;
  const { patient, smsStatus } = recall;
  return (
    <>
      <dl className="facts">
        <dt>Reason</dt>
        <dd>
          {recall.reason}
          {recall.category && <span className="quiet"> · {recall.category.name}</span>}
        </dd>
        <dt>Due</dt>
        <dd>
          {dateText(recall.dueDate)}
          <span className="quiet"> · {dueText(recall.dueDate, today(timeZone))}</span>
        </dd>
        <dt>Status</dt>
        <dd>{statusText(recall)}</dd>
        {patient.birthDate && (
          <>
            <dt>Date of birth</dt>
            <dd>
              {dateText(patient.birthDate)}
              <span className="quiet"> · {ageOn(today(timeZone), patient.birthDate)}</span>
            </dd>
          </>
        )}
        <dt>Record number</dt>
        <dd className="number">{patient.recordNumber}</dd>
        <dt>Mobile</dt>
        <dd className="row">
          <SmsIcon status={smsStatus} of={nameText(patient)} />
          <span>
            <span className="number">
              {patient.mobile ? mobileText(patient.mobile) : (patient.mobileTyped ?? "None")}
            </span>
            {patient.mobileProblem && <span className="quiet"> · {patient.mobileProblem}</span>}
            {smsStatus.message && <span className="sheet-why">{smsStatus.message}</span>}
          </span>
        </dd>
        {patient.sharesMobileWith.length > 0 && (
          <>
            <dt>Number shared with</dt>
            <dd>{namesText(patient.sharesMobileWith)}</dd>
          </>
        )}
      </dl>
      {isOpen(recall) && (
        <div className="buttons">
          {canContact(recall) && (
            <>
              <button type="button" onClick={() => onAct(recall, "PHONE")}>
                Record call
              </button>
              <button type="button" onClick={() => onAct(recall, "LETTER")}>
                Record letter
              </button>
            </>
          )}
          <button type="button" onClick={() => onAct(recall, "CLOSE")}>
            No further action
          </button>
        </div>
      )}
      {recall.state === "NO_FURTHER_ACTION" && <Reopen recall={recall} />}
      {patient.consentCheckedAt && <ConsentChecked patient={patient} />}
      {patient.mobile &&
        (smsStatus.reason === "BLOCKED_COMMUNICATION" ? (
          <p>
            <Link
              href="/blocked"
              onClick={() => remember("blocked", mobileText(patient.mobile ?? ""))}
            >
              View block
            </Link>
          </p>
        ) : (
          <p>
            <button type="button" className="link" onClick={() => onBlock(patient.mobile ?? "")}>
              Block this number
            </button>
          </p>
        ))}
      <ContactHistory attempts={recall.attempts} />
    </>
  );
}

function Reopen({ recall }: { recall: Details }) {
  const { busy, error, run } = useAction();
  return (
    <div className="buttons">
      <button
        type="button"
        aria-disabled={busy || undefined}
        onClick={() => void run(() => reopenRecalls([recall.id]))}
      >
        Reopen
      </button>
      <Notice>{error}</Notice>
    </div>
  );
}

/** Who looked consent up in a PMS that doesn't share it, and a way to be asked again. */
function ConsentChecked({ patient }: { patient: Details["patient"] }) {
  const { timeZone } = useViewer().practice;
  const { busy, error, run } = useAction();
  const forget = () =>
    run(async () => {
      const { removeConsentChecks: result } = await mutate(RemoveConsentChecksDocument, {
        input: { patientIds: [patient.id] },
      });
      if (result.__typename !== "ConsentChecks") throw new Failure(result.message);
    });
  return (
    <p>
      Consent to SMS checked by {patient.consentCheckedBy},{" "}
      {momentText(patient.consentCheckedAt ?? "", timeZone)}.{" "}
      <button
        type="button"
        className="link"
        aria-disabled={busy || undefined}
        onClick={() => void forget()}
      >
        Ask again next time
      </button>
      <Notice>{error}</Notice>
    </p>
  );
}
