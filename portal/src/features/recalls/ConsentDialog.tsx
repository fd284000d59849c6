// Asks whom to text of those whose SMS consent is withheld or can't be read; nobody is ticked at first.
import { useState } from "react";

import { dateText, mobileText, nameText } from "../../text/format";
import { Dialog } from "../../ui/Dialog";
import { Notice } from "../../ui/Notice";
import { BlockDialog } from "./BlockDialog";
import { MessagePreview } from "./MessagePreview";
import type { Selected } from "./selection";
import type { Draft } from "./use-send-preview";
import type { Asking, Sending } from "./use-sending";

const text = (number: number): string => number.toLocaleString("en-AU");

/** Asks staff to decide, if a send is waiting for that; Enter does nothing, Escape sends nothing. */
export function ConsentDialog({ sending, drafts }: { sending: Sending; drafts: readonly Draft[] }) {
  const { asking } = sending;
  return asking && <Question asking={asking} sending={sending} drafts={drafts} />;
}

interface Props {
  asking: Asking;
  sending: Sending;
  drafts: readonly Draft[];
}

function Question({ asking, sending, drafts }: Props) {
  const { recalls, others } = asking;
  const { busy } = sending;
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [blocking, setBlocking] = useState("");
  const patients = Map.groupBy(recalls, ({ patient }) => patient.id);
  const all = patients.size;
  const chosen = recalls.filter(({ patient }) => ticked.has(patient.id));
  const theirs = drafts.filter(({ patient }) => ticked.has(patient.id));
  const toggle = (id: string) => {
    const next = new Set(ticked);
    if (!next.delete(id)) next.add(id);
    setTicked(next);
  };
  const sent = others + ticked.size;
  return (
    <Dialog title="Check consent before you send" role="alertdialog" onClose={sending.cancel}>
      <div className="consent">
        <p>
          Check {all === 1 ? "this patient" : `these ${text(all)} patients`} first. Nothing has been
          sent yet. Tick who to text.
        </p>
        <div className="consent-list">
          {[...Map.groupBy(patients.values(), ([first]) => first?.smsStatus.message ?? "")].map(
            ([message, asked]) => (
              <section key={message} aria-label={message}>
                <h3>{message}</h3>
                <ul>
                  {asked.map((theirRecalls) => (
                    <Person
                      key={theirRecalls[0]?.patient.id}
                      recalls={theirRecalls}
                      ticked={ticked.has(theirRecalls[0]?.patient.id ?? "")}
                      onToggle={toggle}
                      onBlock={setBlocking}
                    />
                  ))}
                </ul>
              </section>
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
            {sent > 0 && (
              <button
                type="button"
                className={ticked.size ? "danger" : undefined}
                aria-disabled={busy || undefined}
                onClick={() => sending.decide(chosen)}
              >
                {sendText(others, ticked.size)}
              </button>
            )}
          </div>
        </div>
        {blocking && (
          <BlockDialog
            mobile={blocking}
            onClose={() => setBlocking("")}
            onBlocked={() => {
              sending.leaveOut(blocking);
              setTicked(
                new Set(
                  recalls
                    .filter(({ patient }) => ticked.has(patient.id) && patient.mobile !== blocking)
                    .map(({ patient }) => patient.id),
                ),
              );
              setBlocking("");
            }}
          />
        )}
      </div>
    </Dialog>
  );
}

/** Return "Send to the 20 others", "Send to 22 (2 you ticked)" or "Send to the 2 you ticked". */
function sendText(others: number, ticked: number): string {
  if (!ticked) return others === 1 ? "Send to the other" : `Send to the ${text(others)} others`;
  if (!others)
    return ticked === 1 ? "Send to the one you ticked" : `Send to the ${text(ticked)} you ticked`;
  return `Send to ${text(others + ticked)} (${text(ticked)} you ticked)`;
}

interface PersonProps {
  /** What they are recalled for. */
  recalls: readonly Selected[];
  ticked: boolean;
  onToggle: (id: string) => void;
  onBlock: (mobile: string) => void;
}

function Person({ recalls, ticked, onToggle, onBlock }: PersonProps) {
  const patient = recalls[0]?.patient;
  if (!patient) return null;
  const { mobile } = patient;
  const name = nameText(patient);
  return (
    <li className="consent-person">
      <label>
        <input type="checkbox" checked={ticked} onChange={() => onToggle(patient.id)} />
        <span>
          <strong>{name}</strong>
          {patient.birthDate && (
            <span className="quiet number"> · {dateText(patient.birthDate)}</span>
          )}
          {mobile && <span className="quiet number"> · {mobileText(mobile)}</span>}
          <span className="second">{recalls.map(({ reason }) => reason).join(", ")}</span>
        </span>
      </label>
      {mobile && (
        <button
          type="button"
          className="link"
          aria-label={`They said no: block ${name}’s number`}
          onClick={() => onBlock(mobile)}
        >
          They said no
        </button>
      )}
    </li>
  );
}
