// Every attempt to reach the patient about a recall, newest first, with what to know about each.
import { useViewer } from "../../auth/viewer";
import type { SmsBlockReason } from "../../gql/graphql";
import { failureText, unknownText } from "../../text/failures";
import { momentText } from "../../text/format";
import { CANCELLATION, REASON } from "../../text/words";
import { Notice } from "../../ui/Notice";
import { useAction } from "../../ui/use-action";
import { contactText } from "./LastContact";
import type { Details } from "./RecallDrawer";
import { undoContacts } from "./undo";

type Attempt = Details["attempts"][number];

/** The attempts; a call or a letter can be undone. */
export function ContactHistory({ attempts }: { attempts: readonly Attempt[] }) {
  return (
    <>
      <h3>{attempts.length ? "Contact history" : "Not contacted yet"}</h3>
      <ol className="attempts">
        {attempts.toReversed().map((attempt) => (
          <Item key={attempt.id} attempt={attempt} />
        ))}
      </ol>
    </>
  );
}

function Item({ attempt }: { attempt: Attempt }) {
  const { timeZone } = useViewer().practice;
  const { busy, error, run } = useAction();
  return (
    <li>
      <div>
        <strong>{contactText(attempt)}</strong>
        <span className="quiet">
          {" "}
          · {momentText(attempt.createdAt, timeZone)} · {attempt.actor ?? "automated run"}
        </span>
        {attempt.state === "DONE" && (
          <>
            {" "}
            <button
              type="button"
              className="link"
              aria-disabled={busy || undefined}
              aria-label={`Undo: ${contactText(attempt)}, ${momentText(attempt.createdAt, timeZone)}`}
              onClick={() => void run(() => undoContacts([attempt.id]))}
            >
              Undo
            </button>
          </>
        )}
      </div>
      {linesAbout(attempt).map((line) => (
        <p key={line} className="quiet">
          {line}
        </p>
      ))}
      {attempt.body && <div className="bubble">{attempt.body}</div>}
      {attempt.note && <p className="attempt-note">{attempt.note}</p>}
      <Notice>{error}</Notice>
    </li>
  );
}

const OVERRIDDEN: Partial<Record<SmsBlockReason, string>> = {
  PMS_CONSENT_UNREADABLE: "Sent without consent on file – Best Practice doesn’t share it",
  PMS_CONSENT_WITHHELD: "Sent although the file says: no SMS",
};

/** Return why an attempt wasn't sent or failed, or what to know about it; nothing if it went well. */
function linesAbout(attempt: Attempt): string[] {
  const { refusal, cancellation, overridden, failure } = attempt;
  return [
    refusal?.message,
    cancellation && CANCELLATION[cancellation],
    overridden && (OVERRIDDEN[overridden] ?? `Sent although: ${REASON[overridden]}`),
    failure && `${failureText(failure)}. ${failureAdvice(failure)}`,
    attempt.state === "UNKNOWN" && unknownText(attempt.lookedUp),
  ].filter((line) => typeof line === "string" && line !== "") as string[];
}

/** Return what to do about a failed SMS; 21610 is Twilio's code for somebody who has opted out. */
const failureAdvice = (code: string): string =>
  code === "21610" ? "Block this number, then call or write." : "Call or write instead.";
