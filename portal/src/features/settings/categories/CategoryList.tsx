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
        A category sets the SMS and the follow-up steps. Recalls join by their reason, or by urgency
        if no reason matches. The rest stay in To Action.
      </p>
      {categories.length === 0 && (
        <div className="empty">
          <p>No categories yet, so every recall stays in To Action.</p>
        </div>
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
