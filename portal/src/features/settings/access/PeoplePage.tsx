// The people who have signed in through the identity provider, and revoking their access.
import { useEffect, useRef, useState } from "react";
import { Link } from "wouter";

import { Failure } from "../../../api/errors";
import { mutate } from "../../../api/operations";
import { useViewer } from "../../../auth/viewer";
import { useLiveQuery } from "../../../data/use-live-query";
import {
  PeopleDocument,
  type PersonPartsFragment,
  RestorePersonDocument,
} from "../../../gql/graphql";
import { momentText } from "../../../text/format";
import { ROLE } from "../../../text/words";
import { Notice } from "../../../ui/Notice";
import { Opening } from "../../../ui/Opening";
import { isFocusAdrift } from "../../../ui/focus";
import { useAction } from "../../../ui/use-action";
import { RevokePersonDialog } from "./RevokePersonDialog";
import { Roles } from "./Roles";

/** The people screen. */
export function PeoplePage() {
  const live = useLiveQuery(PeopleDocument, {}, []);
  const people = live.data?.people;
  const [revoking, setRevoking] = useState<PersonPartsFragment>();
  const [notice, setNotice] = useState("");
  const action = useAction();
  const restore = (person: PersonPartsFragment) =>
    action.run(async () => {
      setNotice("");
      const input = { id: person.id };
      const { restorePerson: done } = await mutate(RestorePersonDocument, { input });
      if (done.__typename !== "Person") throw new Failure(done.message);
      setNotice(`${person.name} can sign in again.`);
      live.refresh();
    });
  return (
    <>
      <h1>People</h1>
      <p>
        Staff use your organisation’s sign-in. Add, change or remove them there. To shut someone out
        straight away, revoke their access here.
      </p>
      <p>
        Anyone who can’t sign in that way, and your practice software, needs an{" "}
        <Link href="/setup/tokens">access token</Link>.
      </p>
      <Notice kind="good">{notice}</Notice>
      <Notice>{action.error}</Notice>
      {!people && <Opening live={live} />}
      {people?.length === 0 && (
        <div className="empty">
          <p>Nobody has signed in this way yet.</p>
        </div>
      )}
      {people && people.length > 0 && (
        <div className="card">
          <table>
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Role</th>
                <th scope="col">Last active</th>
              </tr>
            </thead>
            <tbody>
              {people.map((person) => (
                <PersonRow
                  key={person.id}
                  {...{ person }}
                  onRevoke={() => {
                    setNotice("");
                    setRevoking(person);
                  }}
                  onRestore={() => void restore(person)}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Roles />
      {revoking && (
        <RevokePersonDialog
          person={revoking}
          onClose={() => setRevoking(undefined)}
          onRevoked={() => {
            setRevoking(undefined);
            setNotice(`Revoked: ${revoking.name} is signed out.`);
            live.refresh();
          }}
        />
      )}
    </>
  );
}

interface Props {
  person: PersonPartsFragment;
  onRevoke: () => void;
  onRestore: () => void;
}

function PersonRow({ person, onRevoke, onRestore }: Props) {
  const { practice } = useViewer();
  const at = (moment: string) => momentText(moment, practice.timeZone);
  const revoked = person.revokedAt !== null;
  const button = useRef<HTMLButtonElement>(null);
  const known = useRef(revoked);
  // The button that was pressed is gone: the focus moves to its replacement.
  useEffect(() => {
    if (revoked !== known.current && isFocusAdrift()) button.current?.focus();
    known.current = revoked;
  }, [revoked]);
  return (
    <tr>
      <th scope="row">{person.name}</th>
      <td>
        {ROLE[person.role]}
        {person.revokedAt && (
          <>
            {" "}
            <span className="tag tag-over">Revoked</span>{" "}
            <span className="quiet">
              {at(person.revokedAt)}
              {person.revokedBy && ` by ${person.revokedBy}`}
            </span>
          </>
        )}
      </td>
      <td className="person-last">
        <span>
          {person.lastUsedAt ? at(person.lastUsedAt) : "never"}
          {person.lastUsedFrom && <span className="quiet"> from {person.lastUsedFrom}</span>}
        </span>
        {revoked ? (
          <button
            key="restore"
            ref={button}
            type="button"
            aria-label={`Restore access for ${person.name}`}
            onClick={onRestore}
          >
            Restore access
          </button>
        ) : (
          <button
            key="revoke"
            ref={button}
            type="button"
            className="danger"
            aria-label={`Revoke access for ${person.name}…`}
            onClick={onRevoke}
          >
            Revoke…
          </button>
        )}
      </td>
    </tr>
  );
}
