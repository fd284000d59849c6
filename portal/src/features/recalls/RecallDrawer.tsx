// Everything about one recall: the patient, the number, and every attempt.
import { Link } from "wouter";

import { errorText } from "../../api/errors";
import { useViewer } from "../../auth/viewer";
import { useLiveQuery } from "../../data/use-live-query";
import { remember } from "../../data/use-remembered";
import {
  RecallDetailsDocument,
  type RecallDetailsQuery,
  type SmsBlockReason,
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
import { CANCELLATION, REASON, STATE } from "../../text/words";
import { Drawer } from "../../ui/Drawer";
import { Notice } from "../../ui/Notice";
import { contactText } from "./LastContact";
import { SmsIcon } from "./SmsIcon";
import { ageOn, canContact, type Contact, isOpen } from "./recall-facts";

export type Details = Extract<NonNullable<RecallDetailsQuery["node"]>, { __typename: "Recall" }>;

interface Props {
  id: string;
  onClose: () => void;
  onAct: (recall: Details, what: Contact) => void;
}

/** One recall, beside the list. */
export function RecallDrawer({ id, onClose, onAct }: Props) {
  const { data, error } = useLiveQuery(RecallDetailsDocument, { id }, ["RECALLS", "BLOCKS"]);
  const recall = data?.node?.__typename === "Recall" ? data.node : null;
  return (
    <Drawer title={recall ? nameText(recall.patient) : "Recall"} onClose={onClose}>
      {recall ? (
        <LoadedRecall recall={recall} onAct={onAct} />
      ) : data ? (
        <p>We can’t find that recall.</p>
      ) : (
        <p role="status">{error ? "" : "Loading…"}</p>
      )}
      <Notice>{error && errorText(error)}</Notice>
    </Drawer>
  );
}

function LoadedRecall({ recall, onAct }: { recall: Details; onAct: Props["onAct"] }) {
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
        <dd>{STATE[recall.state]}</dd>
        {patient.birthDate && (
          <>
            <dt>Date of birth</dt>
            <dd>
              {dateText(patient.birthDate)}
              <span className="quiet"> · {ageOn(today(timeZone), patient.birthDate)}</span>
            </dd>
          </>
        )}
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
      {patient.mobile && <BlocklistLink mobile={patient.mobile} blocked={isBlocked(smsStatus)} />}
      <h3>{recall.attempts.length ? "Contact history" : "Not contacted yet"}</h3>
      <ol className="attempts">
        {recall.attempts.toReversed().map((attempt) => (
          <li key={attempt.id}>
            <div>
              <strong>{contactText(attempt)}</strong>
              <span className="quiet">
                {" "}
                · {momentText(attempt.createdAt, timeZone)} · {attempt.actor ?? "automated run"}
              </span>
            </div>
            <AttemptDetails attempt={attempt} />
            {attempt.body && <div className="bubble">{attempt.body}</div>}
            {attempt.note && <p className="attempt-note">{attempt.note}</p>}
          </li>
        ))}
      </ol>
    </>
  );
}

const OVERRIDDEN: Partial<Record<SmsBlockReason, string>> = {
  PMS_CONSENT_UNREADABLE: "Sent without consent on file – Best Practice doesn’t share it",
  PMS_CONSENT_WITHHELD: "Sent although the file says: no SMS",
};

const isBlocked = (status: Details["smsStatus"]) => status.reason === "BLOCKED_COMMUNICATION";

/** Links to where the number can be blocked or unblocked, and passes it on outside the URL. */
function BlocklistLink({ mobile, blocked }: { mobile: string; blocked: boolean }) {
  return (
    <p>
      <Link
        href="/blocked"
        onClick={() => remember(blocked ? "blocked" : "number to block", mobileText(mobile))}
      >
        {blocked ? "View block" : "Block this number"}
      </Link>
    </p>
  );
}

/** What a code of the SMS service means; 21610 is Twilio's for a recipient who has opted out. */
const failureText = (code: string): string =>
  code === "21610"
    ? "The patient has opted out with the phone company (21610). Block this number, then call or write."
    : `The SMS service’s code: ${code}. Call or write instead.`;

/** Why an attempt wasn't sent or failed, or what to know about it; nothing if it went well. */
function AttemptDetails({ attempt }: { attempt: Details["attempts"][number] }) {
  const lines = [
    attempt.refusal?.message,
    attempt.cancellation && CANCELLATION[attempt.cancellation],
    attempt.overridden &&
      (OVERRIDDEN[attempt.overridden] ?? `Sent although: ${REASON[attempt.overridden]}`),
    attempt.failure && failureText(attempt.failure),
    attempt.state === "UNKNOWN" &&
      "It may have arrived. Call before you send again: Recalls doesn’t send it again by itself.",
  ].filter(Boolean);
  return lines.map((each) => (
    <p key={String(each)} className="quiet">
      {each}
    </p>
  ));
}
