// What each role may do.
import type { Role } from "../../../gql/graphql";
import { ROLE } from "../../../text/words";

export const MAY: Record<Role, string> = {
  ADMIN: "Everything, with the set-up and the audit trail.",
  RECEPTIONIST: "Recalls, runs and Blocked Communications; not the set-up.",
  CONNECTOR: "For your practice software: brings patients and recalls in, and sees nothing.",
};

/** Tells what each role may do. */
export function Roles() {
  return (
    <section className="card" aria-labelledby="roles-title">
      <h2 id="roles-title">What the roles may do</h2>
      <dl className="setup-facts">
        {(Object.keys(MAY) as Role[]).map((role) => (
          <div key={role}>
            <dt>{ROLE[role]}</dt>
            <dd>{MAY[role]}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
