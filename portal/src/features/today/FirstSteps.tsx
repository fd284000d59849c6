// What an admin sets up before the first recall goes out, each step ticked once it is done.
import { Link } from "wouter";

import { useLiveQuery } from "../../data/use-live-query";
import { FirstStepsDocument, type FirstStepsQuery } from "../../gql/graphql";
import { count } from "../../text/format";
import { CheckIcon } from "../../ui/icons";

/** The steps; nothing once the practice works with Recalls. */
export function FirstSteps({ recalls }: { recalls: number }) {
  const { data } = useLiveQuery(FirstStepsDocument, {}, ["RECALLS", "RUNS", "SETUP"]);
  if (!data) return null;
  const steps = stepsOf(data, recalls);
  if (steps.every(({ done, optional }) => done || optional)) return null;
  return (
    <section className="card first-steps" aria-label="Set up Recalls">
      <h2>Set up Recalls</h2>
      <ol>
        {steps.map(({ name, done, now, href, action }) => (
          <li key={name}>
            <span className={done ? "step-tick step-done" : "step-tick"}>
              {done && <CheckIcon />}
            </span>
            <div>
              <h3>
                {name}
                <span className="unseen">{done ? " – done" : " – to do"}</span>
              </h3>
              <p>{now}</p>
            </div>
            <Link href={href}>{action}</Link>
          </li>
        ))}
      </ol>
    </section>
  );
}

interface Step {
  readonly name: string;
  readonly done: boolean;
  /** Whether a practice may do without it for good. */
  readonly optional?: boolean;
  /** How things are. */
  readonly now: string;
  readonly href: string;
  readonly action: string;
}

/** Return the steps, in the order in which each is of use to the next. */
export function stepsOf(data: FirstStepsQuery, recalls: number): readonly Step[] {
  const { categories, people, accessTokens, runs } = data;
  const { firstContactDays, sendFrom, sendUntil } = data.practice.preferences;
  const active = accessTokens.filter(
    ({ revokedAt, expiresAt }) => !revokedAt && !(expiresAt && Date.parse(expiresAt) < Date.now()),
  );
  const staff =
    people.filter(({ revokedAt }) => !revokedAt).length +
    active.filter(({ role }) => role !== "CONNECTOR").length;
  return [
    {
      name: "Connect your practice software",
      done: recalls > 0,
      now:
        recalls > 0
          ? `${count(recalls, "recall has", "recalls have")} arrived.`
          : "No recalls have arrived yet. Your practice software needs an access token.",
      href: "/setup/tokens",
      action: "Access tokens",
    },
    {
      name: "Group the reasons for recall",
      done: categories.length > 0,
      now:
        categories.length > 0
          ? `There ${categories.length === 1 ? "is" : "are"} ${count(categories.length, "category", "categories")}.`
          : "A category sets the SMS and the follow-up steps for its reasons.",
      href: "/setup/categories",
      action: "Categories",
    },
    {
      name: "Check the timing",
      done: true,
      now: `First contact ${count(firstContactDays, "day")} before the due date. Automated SMS go from ${sendFrom} to ${sendUntil}.`,
      href: "/setup/preferences",
      action: "Preferences",
    },
    {
      name: "Choose who gets in",
      done: staff > 1,
      optional: true,
      now: `${staff === 1 ? "One sign-in is" : `${staff} sign-ins are`} set up for staff.`,
      href: "/setup/people",
      action: "People",
    },
    {
      name: "Try it",
      done: runs.totalCount > 0,
      now:
        runs.totalCount > 0
          ? "The first SMS have been sent."
          : "Select one recall, send it, and see what becomes of it in Sent messages.",
      href: "/recalls",
      action: "Recalls",
    },
  ];
}
