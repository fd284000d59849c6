// What only the practice software can put right: numbers and patients that no SMS can go to.
import { Link } from "wouter";

import { useLiveQuery } from "../../data/use-live-query";
import { ToFixDocument, type ToFixQuery } from "../../gql/graphql";
import { REASON } from "../../text/words";

const REASONS = [
  ["mobileInvalid", "MOBILE_INVALID"],
  ["mobileMissing", "MOBILE_MISSING"],
  ["patientInactive", "PATIENT_INACTIVE"],
  ["patientDeceased", "PATIENT_DECEASED"],
] as const;
const TABS = [
  ["toAction", "/recalls", "To Action"],
  ["calls", "/recalls/calls", "Calls"],
  ["letters", "/recalls/letters", "Letters"],
] as const;

/** The open recalls that something is wrong with, by reason and list. */
export function ToFix() {
  const { data } = useLiveQuery(ToFixDocument, {}, ["RECALLS", "SETUP"]);
  if (!data) return null;
  const rows = REASONS.map(([name, reason]) => ({ reason, lists: listsOf(data, name) })).filter(
    ({ lists }) => lists.length > 0,
  );
  return (
    <section className="card" aria-label="Fix in your practice software">
      <h2>Fix in your practice software</h2>
      {rows.length === 0 ? (
        <p>Nothing to fix.</p>
      ) : (
        <>
          <p className="stat-line">So that next time an SMS can go, or the recall is closed</p>
          <ul className="to-fix">
            {rows.map(({ reason, lists }) => (
              <li key={reason}>
                <span>{REASON[reason]}</span>
                {lists.map(({ path, name, number }) => (
                  <Link key={path} href={`${path}?reason=${reason}`}>
                    {number.toLocaleString("en-AU")} in {name}
                  </Link>
                ))}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function listsOf(data: ToFixQuery, name: (typeof REASONS)[number][0]) {
  return TABS.map(([tab, path, list]) => ({
    path,
    name: list,
    number: data[name][tab],
  })).filter(({ number }) => number > 0);
}
