// The list of categories, or the editor of the one in the address.
import { useState } from "react";
import { Link, useLocation, useParams } from "wouter";

import { useLiveQuery } from "../../../data/use-live-query";
import { CategoriesDocument } from "../../../gql/graphql";
import { Notice } from "../../../ui/Notice";
import { Opening } from "../../../ui/Opening";
import { CategoryEditor } from "./CategoryEditor";
import { CategoryList } from "./CategoryList";

const CATEGORIES = "/setup/categories";

/** The categories screen. */
export function CategoriesPage() {
  const { id } = useParams();
  const [, navigate] = useLocation();
  const live = useLiveQuery(CategoriesDocument, {}, ["SETUP"]);
  const [saved, setSaved] = useState("");
  if (!live.data) return <Opening live={live} />;
  const { categories, practice } = live.data;
  const category = categories.find((each) => each.id === id);
  if (id && id !== "new" && !category) {
    return (
      <>
        <h1>Category not found</h1>
        <p>
          <Link href={CATEGORIES}>Back to Categories</Link>
        </p>
      </>
    );
  }
  return (
    <>
      <Notice kind="good">{!id && saved && `Saved “${saved}”.`}</Notice>
      {id ? (
        <CategoryEditor
          key={id}
          category={category}
          preferences={practice.preferences}
          onSaved={(name) => {
            setSaved(name);
            live.refresh();
            navigate(CATEGORIES);
          }}
        />
      ) : (
        <CategoryList categories={categories} />
      )}
    </>
  );
}
