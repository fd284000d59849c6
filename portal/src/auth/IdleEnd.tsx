// Signs people out after a long time without use, with a warning a minute before.
import { useEffect, useEffectEvent, useRef, useState } from "react";

import { query } from "../api/operations";
import { PersonDocument } from "../gql/graphql";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { idleLimit, type Watch, watchIdle } from "./idle";
import { currentPerson, useSession } from "./session";
import { signOut } from "./signing";

/** Watches, over every screen, whether anybody is there. */
export function IdleEnd() {
  const { ways, ended } = useSession();
  const [lastMinute, setLastMinute] = useState(false);
  const watch = useRef<Watch>(undefined);
  const used = useEffectEvent(() => {
    // Failures aren't shown, because nobody asked for this request.
    if (!ended) void query(PersonDocument, {}).catch(() => undefined);
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
    <ConfirmDialog
      title="Are you still there?"
      cancel="Stay signed in"
      prefersCancel
      onCancel={stay}
      confirm="Sign out now"
      tone="plain"
      onConfirm={() => signOut()}
    >
      <p>
        You’ll be signed out in 1 minute because nobody has used this page for a while. Anything
        you’ve typed and not saved will be lost.
      </p>
    </ConfirmDialog>
  );
}
