// The person's sessions, and ending them.
import { useState } from "react";

import { errorText, Failure } from "../../api/errors";
import { mutate } from "../../api/operations";
import { signOut } from "../../auth/signing";
import { useViewer } from "../../auth/viewer";
import { useLiveQuery } from "../../data/use-live-query";
import { EndSessionDocument, SessionsDocument, type SessionPartsFragment } from "../../gql/graphql";
import { momentText } from "../../text/format";
import { Notice } from "../../ui/Notice";
import { handsFocusOn } from "../../ui/focus";
import { useAction } from "../../ui/use-action";

/** The screen for the person’s own sessions. */
export default function SessionsPage() {
  const { practice } = useViewer();
  const live = useLiveQuery(SessionsDocument, {}, []);
  const action = useAction();
  const [notice, setNotice] = useState("");
  const sessions = live.data?.sessions;
  const at = (moment: string) => momentText(moment, practice.timeZone);
  const end = (session: SessionPartsFragment) =>
    action.run(async () => {
      setNotice("");
      const { endSession: done } = await mutate(EndSessionDocument, { input: { id: session.id } });
      // A session that has already ended is fine.
      if (done.__typename === "UnknownSession") throw new Failure(done.message);
      setNotice("That session has ended. Whoever was using it is signed out.");
      live.refresh();
    });
  return (
    <>
      <h1>Your sessions</h1>
      <p>
        Where you’re signed in. End any session you don’t use or don’t recognise. Unused sessions
        end on their own.
      </p>
      <Notice kind="good">{notice}</Notice>
      <Notice>{action.error || (live.error && errorText(live.error))}</Notice>
      {!sessions && !live.error && <p role="status">Loading…</p>}
      {sessions?.length === 0 && (
        <div className="empty">
          <p>
            You use your organisation’s sign-in, which keeps track of where you’re signed in. “Sign
            out” signs you out here, and there too if it can.
          </p>
        </div>
      )}
      {sessions && sessions.length > 0 && (
        <div className="card">
          <table>
            <thead>
              <tr>
                <th scope="col">Last used</th>
                <th scope="col">Signed in</th>
                <th scope="col">Ends</th>
                <th scope="col">
                  <span className="unseen">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {sessions.map((session) => (
                <tr key={session.id}>
                  <th scope="row">
                    {at(session.lastUsedAt)}
                    {session.lastUsedFrom && ` from ${session.lastUsedFrom}`}
                    {session.current && (
                      <>
                        {" "}
                        <span className="tag">This one</span>
                      </>
                    )}
                  </th>
                  <td>{at(session.startedAt)}</td>
                  <td>{at(session.endsAt)} at the latest</td>
                  <td>
                    {session.current ? (
                      <button type="button" onClick={() => void signOut()}>
                        Sign out
                      </button>
                    ) : (
                      <button
                        type="button"
                        className="danger"
                        ref={handsFocusOn}
                        aria-label={`End the session last used ${at(session.lastUsedAt)}`}
                        aria-disabled={action.busy}
                        onClick={() => void end(session)}
                      >
                        End
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
