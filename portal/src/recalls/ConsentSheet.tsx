// Asks whether to send to people whose SMS consent is withheld or can't be read; by default not.
import { count, mobileText, nameText } from "../format";
import { Notice } from "../parts/Notice";
import { Sheet } from "../parts/Sheet";
import { MessagePreview } from "./MessagePreview";
import type { Draft } from "./use-send-preview";
import type { Sending } from "./use-sending";

export function ConsentSheet({ sending, drafts }: { sending: Sending; drafts: readonly Draft[] }) {
  const { asking } = sending;
  if (!asking) return null;
  const all = asking.recalls.length;
  const byMessage = Map.groupBy(asking.recalls, (recall) => recall.smsStatus.message ?? "");
  return (
    <Sheet title="Send these by SMS?" role="alertdialog" onClose={sending.cancel}>
      <p>
        {count(all, "recall")} {all === 1 ? "needs" : "need"} your decision. Nothing has been sent
        for {all === 1 ? "it" : "them"}.
      </p>
      {[...byMessage].map(([message, recalls]) => (
        <section key={message} className="asked">
          <h3>{message}</h3>
          {/* A long list is scrolled by the keyboard as well. */}
          <ul tabIndex={0} aria-label={message}>
            {recalls.map((recall) => (
              <li key={recall.id}>
                <strong>{nameText(recall.patient)}</strong> · {recall.reason}
                {recall.patient.mobile && (
                  <span className="quiet number"> · {mobileText(recall.patient.mobile)}</span>
                )}
              </li>
            ))}
          </ul>
        </section>
      ))}
      <p className="quiet">
        A recall is about the patient’s care and not advertising, so it may be sent where you judge
        that it should. Those you leave out stay in the list, to be called or written to.
      </p>
      <MessagePreview drafts={drafts} />
      <Notice>{sending.error}</Notice>
      <div className="buttons">
        {/* What Enter does when the question appears: nothing is sent. */}
        <button type="button" className="primary" autoFocus onClick={sending.cancel}>
          Cancel, send nothing
        </button>
        {asking.others > 0 && (
          <button
            type="button"
            aria-disabled={sending.busy || undefined}
            onClick={() => sending.decide(false)}
          >
            Leave {all === 1 ? "it" : "these"} out and send {asking.others.toLocaleString("en-AU")}
          </button>
        )}
        <button
          type="button"
          className="danger"
          aria-disabled={sending.busy || undefined}
          onClick={() => sending.decide(true)}
        >
          Proceed and send to {all === 1 ? "this person" : `these ${all.toLocaleString("en-AU")}`}
          {asking.others > 0 ? " too" : ""}
        </button>
      </div>
    </Sheet>
  );
}
