// The messages that the first patients will get, and what they are charged as.
import { mobileText, nameText } from "../../text/format";
import type { Draft } from "./use-send-preview";

/** The first messages of a send. */
export function MessagePreview({ drafts }: { drafts: readonly Draft[] }) {
  if (!drafts.length) return null;
  return (
    <div className="drafts" role="group" aria-label="Preview of the SMS">
      {drafts.map(({ patient, mobile, text }) => (
        <figure key={patient.id + text.body}>
          <figcaption className="quiet">
            {nameText(patient)} · <span className="number">{mobileText(mobile)}</span>
          </figcaption>
          <div className="bubble">{text.body}</div>
          <div className="quiet">
            {text.segments === 1 ? "1 SMS" : `Charged as ${text.segments} SMS`}
            {text.segments > 1 &&
              text.beyondGsm7 &&
              ` because of ${[...text.beyondGsm7].join(" ")}`}
          </div>
        </figure>
      ))}
    </div>
  );
}
