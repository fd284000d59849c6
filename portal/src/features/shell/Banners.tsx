// What concerns every page: that the server can't be reached, or that somebody else has signed in.
import { useConnected } from "../../api/connection";
import { useSession } from "../../auth/session";
import { dismissMessage } from "../../auth/signing";
import { useViewer } from "../../auth/viewer";

/** Says so while the server can’t be reached. */
export function Connection() {
  const connected = useConnected();
  return (
    <div role="status">
      {!connected && (
        <p className="banner">
          We can’t reach the server. This page may be out of date. We’ll keep trying – nothing
          you’ve typed is lost.
        </p>
      )}
    </div>
  );
}

/** Tells a new person what became of the work that somebody else had begun on this page. */
export function OtherPerson() {
  const { message } = useSession();
  const { name } = useViewer();
  return (
    <div role="status">
      {message === "another" && (
        <p className="banner">
          You are signed in as {name}. Someone else was signed in here before: anything they hadn’t
          finished was not done, and hasn’t been kept.{" "}
          <button type="button" className="link" onClick={dismissMessage}>
            Close
          </button>
        </p>
      )}
    </div>
  );
}
