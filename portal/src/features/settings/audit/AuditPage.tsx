// The audit trail: who did what, when and from where, newest first, with a filter and an export.
import { useMemo, useState } from "react";
import { Link, useSearchParams } from "wouter";

import { download, saveFile } from "../../../api/downloads";
import { useViewer } from "../../../auth/viewer";
import { useLiveQuery } from "../../../data/use-live-query";
import { usePagedQuery } from "../../../data/use-paged-query";
import {
  AuditEventsDocument,
  AuditNamesDocument,
  type AuditFilter,
  type ChangeKind,
} from "../../../gql/graphql";
import { count, holderText, nameText } from "../../../text/format";
import { Notice } from "../../../ui/Notice";
import { ShowMore } from "../../../ui/ShowMore";
import { useAction } from "../../../ui/use-action";
import { AuditEntry } from "./AuditEntry";
import { AuditFilterForm } from "./AuditFilterForm";
import { PeopleShown } from "./PeopleShown";
import { asFilter, EVERYTHING } from "./audit-filter";

/** The changes that write audit events. */
const KINDS: readonly ChangeKind[] = ["BLOCKS", "RECALLS", "RUNS", "SETUP"];

/** The audit trail screen. */
export function AuditPage() {
  const { practice } = useViewer();
  const [search] = useSearchParams();
  const patientId = search.get("patient") ?? "";
  const actorId = search.get("who") ?? "";
  const [chosen, setChosen] = useState(EVERYTHING);
  const filter = useMemo(
    () => asFilter(chosen, { patientId, actorId }, practice.timeZone),
    [chosen, patientId, actorId, practice.timeZone],
  );
  const known = useLiveQuery(AuditNamesDocument, {}, ["SETUP"]).data;
  const { people = [], accessTokens = [], categories = [] } = known ?? {};
  const actors = new Set([...people, ...accessTokens].map(({ name }) => name));
  const names = new Map(
    [...people, ...accessTokens, ...categories].map(({ id, name }) => [id, name]),
  );
  const exporting = useAction();
  return (
    <>
      <div className="page-head">
        <h1>Audit trail</h1>
        <button
          type="button"
          aria-disabled={exporting.busy}
          onClick={() =>
            void exporting.run(async () => saveFile(await download("/exports/audit", filter)))
          }
        >
          {exporting.busy ? "Exporting…" : "Export CSV"}
        </button>
      </div>
      <p>
        Who did what, when and from where. Entries can’t be changed or deleted. Exports follow the
        filters and are recorded here.
      </p>
      <Notice>{exporting.error}</Notice>
      <AuditFilterForm names={[...actors]} onChoose={setChosen} />
      <Events
        key={JSON.stringify(filter)}
        filter={filter}
        ofPatient={patientId !== ""}
        ofActor={actorId !== ""}
        names={names}
      />
      <PeopleShown />
    </>
  );
}

interface Props {
  filter: AuditFilter;
  ofPatient: boolean;
  ofActor: boolean;
  /** Names of the events' subjects, by id. */
  names: ReadonlyMap<string, string>;
}

function Events({ filter, ofPatient, ofActor, names }: Props) {
  const events = usePagedQuery(AuditEventsDocument, { filter }, (data) => data.auditEvents, KINDS);
  const { nodes, total } = events;
  const patient = nodes?.[0]?.patient;
  const actor = nodes?.[0];
  return (
    <section aria-labelledby="events-title">
      <h2 id="events-title" className="unseen">
        Events
      </h2>
      {ofPatient && (
        <p>
          Only activity about {patient ? <strong>{nameText(patient)}</strong> : "one patient"}.{" "}
          <Link href="/setup/audit">Show all patients</Link>
        </p>
      )}
      {ofActor && (
        <p>
          Only activity by{" "}
          <strong>{actor ? `${actor.actor}, ${holderText(actor.actorId)}` : "one person"}</strong>.{" "}
          <Link href="/setup/audit">Show everyone</Link>
        </p>
      )}
      <p role="status" className="quiet">
        {events.reading && !nodes && "Loading…"}
        {total !== undefined && (total ? count(total, "event") : "No events match")}
      </p>
      <ol className="audit-events">
        {nodes?.map((event) => (
          <AuditEntry key={event.id} event={event} names={names} />
        ))}
      </ol>
      <ShowMore pages={events} of="events" />
    </section>
  );
}
