// The last contact about a recall, and when it was.
import { useViewer } from "../../auth/viewer";
import { failureText } from "../../text/failures";
import { agoText } from "../../text/format";
import { ATTEMPT } from "../../text/words";
import type { RecallRow } from "./use-recall-list";

/** The last of the attempts, in two lines. */
export function LastContact({ attempts }: Pick<RecallRow, "attempts">) {
  const { timeZone } = useViewer().practice;
  const last = attempts.findLast(({ cancellation }) => cancellation !== "UNDONE");
  if (!last) return <span className="second">Not contacted yet</span>;
  const failed = last.state === "FAILED" || last.state === "UNDELIVERED";
  const ago = agoText(last.createdAt, timeZone);
  return (
    <>
      <span className={failed ? "failed" : undefined}>{contactText(last)}</span>
      <span className="second">
        {last.failure ? `${capitalised(ago)} · ${failureText(last.failure)}` : ago}
      </span>
    </>
  );
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Return "SMS delivered", "Called" or "Letter posted". */
export function contactText({
  kind,
  state,
  lookedUp,
}: Pick<RecallRow["attempts"][number], "kind" | "state" | "lookedUp">): string {
  if (kind === "SMS") return lookedUp ? "SMS sent – checking" : `SMS ${ATTEMPT[state]}`;
  const what = kind === "PHONE" ? "Called" : "Letter posted";
  return state === "CANCELLED" ? `${what} – undone` : what;
}
