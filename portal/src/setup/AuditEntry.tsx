// One event of the audit trail: when, who, what, and about whom.
import { Link } from "wouter";

import type { AuditEventPartsFragment } from "../gql/graphql";
import { holderText, momentText, nameText } from "../format";
import { useViewer } from "../viewer";
import { ACTION, ROLE } from "../words";
import { detailsOf, subjectOf } from "./audit-words";

interface Props {
  event: AuditEventPartsFragment;
  /** Of what events are about, by id. */
  names: ReadonlyMap<string, string>;
}

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
            {event.role ? ` · ${ROLE[event.role]}` : " · nobody was signed in"}
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
