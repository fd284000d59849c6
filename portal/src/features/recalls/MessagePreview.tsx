// The messages that the first patients will get, with their segments and encoding.
import { count, mobileText, nameText } from "../../text/format";
import type { Draft } from "./use-send-preview";

/** The first messages of a send. */
export function MessagePreview({ drafts }: { drafts: readonly Draft[] }) {
  if (!drafts.length) return null;
  return (
    // Focusable, so that the keyboard can scroll it when it is long.
    <div className="drafts" role="group" aria-label="Preview of the messages" tabIndex={0}>
      {drafts.map(({ patient, mobile, text }) => (
        <figure key={patient.id + text.body}>
          <figcaption className="quiet">
            {nameText(patient)} · <span className="number">{mobileText(mobile)}</span>
          </figcaption>
          <div className="bubble">{text.body}</div>
          <div className="quiet">
            {count(text.segments, "segment")} · {text.encoding === "GSM7" ? "GSM-7" : "UCS-2"}
            {text.beyondGsm7 && ` because of ${[...text.beyondGsm7].join(" ")}`}
          </div>
        </figure>
      ))}
    </div>
  );
}
