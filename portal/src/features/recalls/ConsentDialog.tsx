// Asks whether to send to people whose SMS consent is withheld or can't be read; the default is no.
import { count, mobileText, nameText } from "../../text/format";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { MessagePreview } from "./MessagePreview";
import type { Draft } from "./use-send-preview";
import type { Sending } from "./use-sending";

/** Asks staff to decide, if a send is waiting for that. */
export function ConsentDialog({ sending, drafts }: { sending: Sending; drafts: readonly Draft[] }) {
  const { asking } = sending;
  if (!asking) return null;
  const all = asking.recalls.length;
  const byMessage = Map.groupBy(asking.recalls, (recall) => recall.smsStatus.message ?? "");
  return (
    <ConfirmDialog
      title="Send these by SMS?"
      cancel="Cancel, send nothing"
      prefersCancel
      onCancel={sending.cancel}
      other={
        asking.others > 0 && (
          <button
            type="button"
            aria-disabled={sending.busy || undefined}
            onClick={() => sending.decide(false)}
          >
            Leave {all === 1 ? "it" : "these"} out and send {asking.others.toLocaleString("en-AU")}
          </button>
        )
      }
      confirm={`Proceed and send to ${
        all === 1 ? "this person" : `these ${all.toLocaleString("en-AU")}`
      }${asking.others > 0 ? " too" : ""}`}
      onConfirm={() => sending.decide(true)}
      action={sending}
    >
      <p>
        {count(all, "recall")} {all === 1 ? "needs" : "need"} your decision. Nothing has been sent
        for {all === 1 ? "it" : "them"}.
      </p>
      {[...byMessage].map(([message, recalls]) => (
        <section key={message} className="asked">
          <h3>{message}</h3>
          {/* Focusable, so that the keyboard can scroll a long list. */}
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
    </ConfirmDialog>
  );
}
