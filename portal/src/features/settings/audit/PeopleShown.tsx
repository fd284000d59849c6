// How many people each viewer was shown in lists, by the hour.
import { useState } from "react";
import { Link } from "wouter";

import { useViewer } from "../../../auth/viewer";
import { usePagedQuery } from "../../../data/use-paged-query";
import { PeopleShownDocument } from "../../../gql/graphql";
import { holderText, momentText } from "../../../text/format";
import { ShowMore } from "../../../ui/ShowMore";

/** Collapsed below the events, and read only when it is opened. */
export function PeopleShown() {
  const [opened, setOpened] = useState(false);
  return (
    <details className="card" onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary>Patients shown in lists, hour by hour</summary>
      {opened && <Hours />}
    </details>
  );
}

function Hours() {
  const { timeZone } = useViewer().practice;
  const hours = usePagedQuery(PeopleShownDocument, {}, (data) => data.peopleShown, []);
  return (
    <>
      <p className="quiet">
        Opening a patient’s record is listed above. Lists are counted here: each row about a
        patient, each time it was shown.
      </p>
      {hours.nodes?.length === 0 && (
        <div className="empty">
          <p>Nobody has opened a list yet.</p>
        </div>
      )}
      {hours.nodes && hours.nodes.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Hour</th>
              <th scope="col">Who</th>
              <th scope="col">Patients</th>
              <th scope="col">Pages</th>
              <th scope="col">Searches</th>
            </tr>
          </thead>
          <tbody>
            {hours.nodes.map((row) => (
              <tr key={row.id}>
                <td className="number">{momentText(row.hour, timeZone)}</td>
                <th scope="row">
                  {row.actor ?? "someone"} ·{" "}
                  <Link href={`/setup/audit?who=${row.actorId}`}>{holderText(row.actorId)}</Link>
                </th>
                <td className="number">{row.people.toLocaleString("en-AU")}</td>
                <td className="number">{row.lists.toLocaleString("en-AU")}</td>
                <td className="number">{row.searches.toLocaleString("en-AU")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <ShowMore pages={hours} of="hours" />
    </>
  );
}
