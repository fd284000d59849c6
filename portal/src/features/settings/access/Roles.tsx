// What each role may do.
import type { Role } from "../../../gql/graphql";
import { ROLE } from "../../../text/words";

export const PERMISSIONS: Record<Role, string> = {
  ADMIN: "Everything, including Settings and the audit trail.",
  RECEPTIONIST: "Recalls, Sent messages and Blocked Communications, but not Settings.",
  CONNECTOR: "For your practice software: sends data in; can’t see anything.",
};

/** A card that lists the roles' permissions. */
export function Roles() {
  return (
    <section className="card" aria-labelledby="roles-title">
      <h2 id="roles-title">What each role can do</h2>
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
