// What each role may do.
import type { Role } from "../../../gql/graphql";
import { ROLE } from "../../../text/words";

export const PERMISSIONS: Record<Role, string> = {
  ADMIN: "Everything, with the set-up and the audit trail.",
  RECEPTIONIST: "Recalls, runs and Blocked Communications; not the set-up.",
  CONNECTOR: "For your practice software: brings patients and recalls in, and sees nothing.",
};

/** A card that lists the roles' permissions. */
export function Roles() {
  return (
    <section className="card" aria-labelledby="roles-title">
      <h2 id="roles-title">What the roles may do</h2>
      <dl className="setup-facts">
        {(Object.keys(PERMISSIONS) as Role[]).map((role) => (
          <div key={role}>
            <dt>{ROLE[role]}</dt>
            <dd>{PERMISSIONS[role]}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
