// Signs out whom nobody has seen for long, and says so a minute before.
import { useEffect, useEffectEvent, useRef, useState } from "react";

import { read } from "./client";
import { PersonDocument } from "./gql/graphql";
import { idleLimit, type Watch, watchIdle } from "./idle";
import { Sheet } from "./parts/Sheet";
import { currentPerson, signOut, useSession } from "./session";

export function IdleEnd() {
  const { ways, ended } = useSession();
  const [lastMinute, setLastMinute] = useState(false);
  const watch = useRef<Watch>(undefined);
  const used = useEffectEvent(() => {
    // That no answer comes is told by what was asked for; this was asked for by nobody.
    if (!ended) void read(PersonDocument, {}).catch(() => undefined);
  });
  useEffect(() => {
    const begun = watchIdle(idleLimit(ways.idleSeconds), currentPerson, {
      lastMinute: setLastMinute,
      over: () => void signOut("idle"),
      used,
    });
    watch.current = begun;
    return begun.stop;
  }, [ways]);
  if (!lastMinute || ended) return null;
  const stay = () => watch.current?.stay();
  return (
    <Sheet title="Are you still there?" role="alertdialog" onClose={stay}>
      <p>
        You’ll be signed out in 1 minute, for nobody has used this page for a while. What you have
        typed and not saved is lost then.
      </p>
      <div className="buttons">
        <button type="button" className="primary" autoFocus onClick={stay}>
          Stay signed in
        </button>
        <button type="button" onClick={() => void signOut()}>
          Sign out now
        </button>
      </div>
    </Sheet>
  );
}
