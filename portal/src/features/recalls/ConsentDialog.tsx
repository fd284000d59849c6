// Asks whether to send to people whose SMS consent is withheld or can't be read; the default is no.
import { mobileText, nameText } from "../../text/format";
import { Dialog } from "../../ui/Dialog";
import { Notice } from "../../ui/Notice";
import { MessagePreview } from "./MessagePreview";
import type { Selected } from "./selection";
import type { Draft } from "./use-send-preview";
import type { Sending } from "./use-sending";

const text = (number: number): string => number.toLocaleString("en-AU");

/** Asks staff to decide, if a send is waiting for that; Enter does nothing, Escape sends nothing. */
export function ConsentDialog({ sending, drafts }: { sending: Sending; drafts: readonly Draft[] }) {
  const { asking, busy } = sending;
  if (!asking) return null;
  const { recalls, others } = asking;
  const patients = new Set(recalls.map(({ patient }) => patient.id));
  const all = patients.size;
  const theirs = drafts.filter(({ patient }) => patients.has(patient.id));
  return (
    <Dialog title="Check consent before you send" role="alertdialog" onClose={sending.cancel}>
      <div className="consent">
        <p>
          Check {all === 1 ? "this patient" : `these ${text(all)} patients`} first. Nothing has been
          sent yet.
        </p>
        {/* Focusable, so that the keyboard can scroll it. */}
        <div className="consent-list" role="group" aria-label="Patients to check" tabIndex={0}>
          {[...Map.groupBy(recalls, (recall) => recall.smsStatus.message ?? "")].map(
            ([message, asked]) => (
              <Asked key={message} message={message} recalls={asked} />
            ),
          )}
          <p className="quiet">
            A recall is about care, not marketing, so you may send it if the patient needs it.
            Anyone you leave out stays on the list to call or write to.
          </p>
          {theirs.length > 0 && (
            <details>
              <summary>Preview</summary>
              <MessagePreview drafts={theirs} />
            </details>
          )}
        </div>
        <div className="consent-foot">
          <Notice>{sending.error}</Notice>
          <div className="buttons">
            <button type="button" className="primary" onClick={sending.cancel}>
              Don’t send
            </button>
            {others > 0 && (
              <button
                type="button"
                aria-disabled={busy || undefined}
                onClick={() => sending.decide(false)}
              >
                Send to the other{others === 1 ? "" : ` ${text(others)}`}
              </button>
            )}
            <button
              type="button"
              className="danger"
              aria-disabled={busy || undefined}
              onClick={() => sending.decide(true)}
            >
              Send to {all + others === 1 ? "this patient" : `all ${text(all + others)}`}
            </button>
          </div>
        </div>
      </div>
    </Dialog>
  );
}

function Asked({ message, recalls }: { message: string; recalls: readonly Selected[] }) {
  return (
    <section>
      <h3>{message}</h3>
      <ul>
        {recalls.map(({ id, patient, reason }) => (
          <li key={id}>
            <strong>{nameText(patient)}</strong> · {reason}
            {patient.mobile && (
              <span className="quiet number"> · {mobileText(patient.mobile)}</span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
