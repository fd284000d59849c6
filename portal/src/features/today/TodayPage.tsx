// The page that the day begins with: what there is to do, and where.
import "../../styles/today.css";

import { useViewer } from "../../auth/viewer";
import { useLiveQuery } from "../../data/use-live-query";
import { useNow } from "../../data/use-now";
import { TodayDocument } from "../../gql/graphql";
import { Opening } from "../../ui/Opening";
import { FirstSteps } from "./FirstSteps";
import { StatCard } from "./StatCard";
import { ToFix } from "./ToFix";
import { dayText, greeting } from "./greeting";

/** The Today screen. */
export default function TodayPage() {
  const { name, role, practice } = useViewer();
  const now = useNow();
  const live = useLiveQuery(TodayDocument, {}, ["RECALLS", "BLOCKS", "SETUP"]);
  const { data } = live;
  const counts = data?.recallCounts;
  return (
    <div className="today">
      <h1>
        {greeting(now, practice.timeZone)}, {name}
      </h1>
      <p>{dayText(now, practice.timeZone)}</p>
      {!data && <Opening live={live} />}
      {counts && role === "ADMIN" && <FirstSteps recalls={counts.all} />}
      {counts?.all === 0 && role !== "ADMIN" && (
        <p>
          No recalls have arrived from your practice software yet. Your practice manager sets this
          up.
        </p>
      )}
      {data && counts && counts.all > 0 && (
        <>
          <div className="stats">
            <StatCard
              label="Need you now"
              number={counts.needsAttention}
              href="/recalls/attention"
              action="Work through them"
              urgent
            >
              {counts.needsAttention
                ? "SMS that failed, or that we can’t confirm"
                : "No SMS failed or is in doubt"}
            </StatCard>
            <ToActionCard
              all={counts.toAction}
              can={data.canBeSent.toAction}
              ask={data.askFirst.toAction}
            />
            <StatCard
              label="Calls to make"
              number={counts.calls}
              href="/recalls/calls"
              action="Open Calls"
            >
              {counts.calls === 0 && "No calls are due"}
            </StatCard>
            <StatCard
              label="Letters to post"
              number={counts.letters}
              href="/recalls/letters"
              action="Open Letters"
            >
              {counts.letters === 0 && "No letters are due"}
            </StatCard>
          </div>
          <ToFix />
        </>
      )}
    </div>
  );
}

/** What can be done by SMS, and how much of it only after a question, or not at all. */
function ToActionCard({ all, can, ask }: { all: number; can: number; ask: number }) {
  const parts = [
    [can, "can be sent"],
    [ask, "to ask about first"],
    [all - can - ask, "can’t get an SMS"],
  ] as const;
  const line = parts
    .filter(([number]) => number > 0)
    .map(([number, what]) => `${number.toLocaleString("en-AU")} ${what}`)
    .join(", ");
  return (
    <StatCard label="To action by SMS" number={all} href="/recalls" action="Open To Action">
      {line || "Nothing is due"}
    </StatCard>
  );
}
