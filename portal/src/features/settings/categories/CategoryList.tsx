// The practice's categories, each with its links and its steps.
import { useEffect } from "react";
import { Link } from "wouter";

import type { CategoryPartsFragment } from "../../../gql/graphql";
import { focusTheContent } from "../../../ui/focus";
import { stepsText } from "./steps";

/** The categories, each with a link to its editor. */
export function CategoryList({ categories }: { categories: readonly CategoryPartsFragment[] }) {
  useEffect(focusTheContent, []);
  return (
    <>
      <div className="page-head">
        <h1>Categories</h1>
        <Link href="/setup/categories/new" className="button primary">
          New category
        </Link>
      </div>
      <p>
        A category says what its recalls’ messages say, and in which steps they are worked. A recall
        belongs to the category that links its reason; else to the one that links its urgency; else
        to none, and then it stays in To Action for staff.
      </p>
      {categories.length === 0 && (
        <p className="empty">There is no category yet, so every recall stays in To Action.</p>
      )}
      <ul className="setup-cards" aria-label="Categories">
        {categories.map((category) => (
          <li key={category.id} className="card">
            <h2>
              <Link href={`/setup/categories/${category.id}`}>{category.name}</Link>{" "}
              <span className="tag">{category.automated ? "Automated" : "Not automated"}</span>
            </h2>
            <dl className="setup-facts">
              <Linked name="Reasons" values={category.reasons} />
              <Linked name="Urgencies" values={category.urgencies} />
              <div>
                <dt>Steps</dt>
                <dd>{stepsText(category.steps)}</dd>
              </div>
            </dl>
          </li>
        ))}
      </ul>
    </>
  );
}

function Linked({ name, values }: { name: string; values: readonly string[] }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{values.length ? values.join(", ") : <span className="quiet">none</span>}</dd>
    </div>
  );
}
