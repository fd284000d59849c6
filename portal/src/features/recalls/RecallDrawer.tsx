// Everything about one recall: the patient, the number, and every attempt.
import { Link } from "wouter";

import { errorText } from "../../api/errors";
import { useViewer } from "../../auth/viewer";
import { useLiveQuery } from "../../data/use-live-query";
import { remember } from "../../data/use-remembered";
import { RecallDetailsDocument, type RecallDetailsQuery } from "../../gql/graphql";
import {
  count,
  dateText,
  dueText,
  mobileText,
  momentText,
  namesText,
  nameText,
  today,
} from "../../text/format";
import { ATTEMPT, CANCELLATION, KIND, REASON, STATE } from "../../text/words";
import { Drawer } from "../../ui/Drawer";
import { Notice } from "../../ui/Notice";
import { SmsIcon } from "./SmsIcon";

export type Details = Extract<NonNullable<RecallDetailsQuery["node"]>, { __typename: "Recall" }>;

interface Props {
  id: string;
  onClose: () => void;
  onAct: (recall: Details, what: "PHONE" | "LETTER" | "CLOSE") => void;
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
        <p>Your practice has no such recall.</p>
      ) : (
        <p role="status">{error ? "" : "Opening…"}</p>
      )}
      <Notice>{error && errorText(error)}</Notice>
    </Drawer>
  );
}

function LoadedRecall({ recall, onAct }: { recall: Details; onAct: Props["onAct"] }) {
  const { timeZone } = useViewer().practice;
  const { patient, smsStatus } = recall;
  const open = recall.state === "TO_ACTION" || recall.state === "WAITING";
  return (
    <>
      <dl className="facts">
        <dt>Recall</dt>
        <dd>
          {recall.reason}
          {recall.category && <span className="quiet"> · {recall.category.name}</span>}
        </dd>
        <dt>Due</dt>
        <dd>
          {dateText(recall.dueDate)}
          <span className="quiet"> · {dueText(recall.dueDate, today(timeZone))}</span>
        </dd>
        <dt>Stands</dt>
        <dd>{STATE[recall.state]}</dd>
        {patient.birthDate && (
          <>
            <dt>Born</dt>
            <dd>{dateText(patient.birthDate)}</dd>
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
            <dt>Number also reaches</dt>
            <dd>{namesText(patient.sharesMobileWith)}</dd>
          </>
        )}
      </dl>
      {open && (
        <div className="buttons">
          <button type="button" onClick={() => onAct(recall, "PHONE")}>
            Record a call
          </button>
          <button type="button" onClick={() => onAct(recall, "LETTER")}>
            Record a letter
          </button>
          <button type="button" onClick={() => onAct(recall, "CLOSE")}>
            No further action
          </button>
        </div>
      )}
      {patient.mobile && <BlocklistLink mobile={patient.mobile} blocked={isBlocked(smsStatus)} />}
      <h3>
        {recall.attempts.length ? count(recall.attempts.length, "attempt") : "No attempts yet"}
      </h3>
      <ol className="attempts">
        {recall.attempts.toReversed().map((attempt) => (
          <li key={attempt.id}>
            <div>
              <strong>
                {KIND[attempt.kind]}
                {attempt.state !== "DONE" && ` ${ATTEMPT[attempt.state]}`}
              </strong>
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

const isBlocked = (status: Details["smsStatus"]) => status.reason === "BLOCKED_COMMUNICATION";

/** Links to where the number can be blocked or unblocked, and passes it on outside the URL. */
function BlocklistLink({ mobile, blocked }: { mobile: string; blocked: boolean }) {
  return (
    <p>
      <Link
        href="/blocked"
        onClick={() => remember(blocked ? "blocked" : "number to block", mobileText(mobile))}
      >
        {blocked ? "See it in Blocked Communications" : "Block this number"}
      </Link>
    </p>
  );
}

/** Why an attempt wasn't sent or failed, or what to know about it; nothing if it went well. */
function AttemptDetails({ attempt }: { attempt: Details["attempts"][number] }) {
  const lines = [
    attempt.refusal?.message,
    attempt.cancellation && CANCELLATION[attempt.cancellation],
    attempt.overridden && `Sent although: ${REASON[attempt.overridden]}`,
    attempt.failure && `The gateway’s code: ${attempt.failure}. Call or write instead.`,
    attempt.state === "UNKNOWN" &&
      "It may have arrived. Call before you send again: Recalls doesn’t send it again by itself.",
  ].filter(Boolean);
  return lines.map((each) => (
    <p key={String(each)} className="quiet">
      {each}
    </p>
  ));
}
