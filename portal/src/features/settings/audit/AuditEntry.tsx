// One event of the audit trail: when, who, what, and which patient it is about.
import { Link } from "wouter";

import { useViewer } from "../../../auth/viewer";
import type { AuditEventPartsFragment } from "../../../gql/graphql";
import { detailsOf, subjectOf } from "../../../text/audit-words";
import { holderText, momentText, nameText } from "../../../text/format";
import { ACTION, ROLE } from "../../../text/words";

interface Props {
  event: AuditEventPartsFragment;
  /** Names of the events' subjects, by id. */
  names: ReadonlyMap<string, string>;
}

/** One item of the list of events. */
export function AuditEntry({ event, names }: Props) {
  const { practice } = useViewer();
  const details = detailsOf(event, practice.timeZone);
  const subject = subjectOf(event, names);
  return (
    <li className="audit-event">
      <time dateTime={event.at} className="number quiet">
        {momentText(event.at, practice.timeZone)}
      </time>
      <div>
        <div>
          <strong>{ACTION[event.action]}</strong>
          {event.patient && (
            <>
              {": "}
              <Link href={`/setup/audit?patient=${event.patient.id}`}>
                {nameText(event.patient)}
              </Link>
            </>
          )}
          {subject && (
            <>
              {event.patient ? ", " : ": "}
              {subject.href ? <Link href={subject.href}>{subject.text}</Link> : subject.text}
            </>
          )}
        </div>
        <div>
          {event.actor}
          {event.actorId && (
            <>
              {" · "}
              <Link href={`/setup/audit?who=${event.actorId}`}>{holderText(event.actorId)}</Link>
            </>
          )}
          <span className="quiet">
            {event.role ? ` · ${ROLE[event.role]}` : " · not signed in"}
            {event.origin ? ` · from ${event.origin}` : ""}
          </span>
        </div>
        {details.length > 0 && (
          <ul className="audit-details">
            {details.map(({ name, text }) => (
              <li key={name}>
                <span className="quiet">{name}:</span> {text}
              </li>
            ))}
          </ul>
        )}
      </div>
    </li>
  );
}
