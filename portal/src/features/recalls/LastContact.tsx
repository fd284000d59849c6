// The last contact about a recall, and when it was.
import { useViewer } from "../../auth/viewer";
import { agoText } from "../../text/format";
import { ATTEMPT } from "../../text/words";
import type { RecallRow } from "./use-recall-list";

/** The last of the attempts, in two lines. */
export function LastContact({ attempts }: Pick<RecallRow, "attempts">) {
  const { timeZone } = useViewer().practice;
  const last = attempts.at(-1);
  if (!last) return <span className="second">Not contacted yet</span>;
  const failed = last.state === "FAILED" || last.state === "UNDELIVERED";
  return (
    <>
      <span className={failed ? "failed" : undefined}>{contactText(last)}</span>
      <span className="second">{agoText(last.createdAt, timeZone)}</span>
    </>
  );
}

/** Return "SMS delivered", "Called" or "Letter posted". */
export function contactText({
  kind,
  state,
}: Pick<RecallRow["attempts"][number], "kind" | "state">): string {
  if (kind === "SMS") return `SMS ${ATTEMPT[state]}`;
  return kind === "PHONE" ? "Called" : "Letter posted";
}
