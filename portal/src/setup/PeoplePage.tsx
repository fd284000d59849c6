// Everyone who has signed in through the identity provider.
import { Link } from "wouter";

import { PeopleDocument } from "../gql/graphql";
import { momentText } from "../format";
import { useLive } from "../live";
import { useViewer } from "../viewer";
import { ROLE } from "../words";
import { Opening } from "./Opening";
import { Roles } from "./Roles";

export function PeoplePage() {
  const { practice } = useViewer();
  const live = useLive(PeopleDocument, {}, []);
  const people = live.data?.people;
  return (
    <>
      <h1>People</h1>
      <p>
        People sign in through your organisation’s identity provider. It says who they are and which
        role they have here, each time they sign in. To change somebody’s role, or to let somebody
        in no longer, change it there.
      </p>
      <p>
        Whoever can’t sign in that way, and your practice software, get an{" "}
        <Link href="/setup/tokens">access token</Link>.
      </p>
      {!people && <Opening live={live} />}
      {people?.length === 0 && (
        <p className="empty">Nobody has signed in through an identity provider yet.</p>
      )}
      {people && people.length > 0 && (
        <div className="card">
          <table>
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Role</th>
                <th scope="col">Last here</th>
              </tr>
            </thead>
            <tbody>
              {people.map((person) => (
                <tr key={person.id}>
                  <th scope="row">{person.name}</th>
                  <td>{ROLE[person.role]}</td>
                  <td>
                    {person.lastUsedAt ? momentText(person.lastUsedAt, practice.timeZone) : "never"}
                    {person.lastUsedFrom && (
                      <span className="quiet"> from {person.lastUsedFrom}</span>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Roles />
    </>
  );
}
