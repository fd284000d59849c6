// Filters the recall list by name or number, category, due date, and the rule's answer.
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { useSearchParams } from "wouter";

import { useLiveQuery } from "../../data/use-live-query";
import { CategoryNamesDocument } from "../../gql/graphql";
import { REASON } from "../../text/words";
import { SelectField, TextField } from "../../ui/Field";
import { ANY_REASON, NO_REASON } from "./filter";

/** Milliseconds after the last key before the search runs. */
const PAUSE = 200;
const NAMES = ["category", "from", "to", "reason"] as const;
type Name = (typeof NAMES)[number];

const REASONS = [
  ["", "Any"],
  [NO_REASON, "Can be sent"],
  [ANY_REASON, "Blocked, for any reason"],
  ...Object.entries(REASON),
] as const satisfies readonly (readonly [string, string])[];

interface Props {
  /** The last search. */
  words: string;
  onSearch: (words: string) => void;
}

/** The filters. The page's address holds all but the search words. */
export function Filters({ words, onSearch }: Props) {
  const [params, setParams] = useSearchParams();
  const { data } = useLiveQuery(CategoryNamesDocument, {}, ["SETUP"]);
  const set = (name: Name, value: string) =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        if (value) after.set(name, value);
        else after.delete(name);
        return after;
      },
      { replace: true },
    );
  const value = (name: Name) => params.get(name) ?? "";
  // On a small screen, the other filters are hidden until somebody asks for them.
  const [wide, setWide] = useState(false);
  const some = words !== "" || NAMES.some((name) => params.has(name));
  return (
    <form
      role="search"
      className={wide ? "filters filters-all" : "filters"}
      onSubmit={(event) => event.preventDefault()}
    >
      <SearchField value={words} onSearch={onSearch} />
      <button
        type="button"
        className="filters-more"
        aria-expanded={wide}
        onClick={() => setWide(!wide)}
      >
        Filters
      </button>
      <SelectField
        label="Category"
        value={value("category")}
        onChange={(category) => set("category", category)}
        options={[
          ["", "All"],
          ...(data?.categories ?? []).map(({ id, name }) => [id, name] as const),
        ]}
      />
      <SelectField
        label="SMS"
        value={value("reason")}
        onChange={(reason) => set("reason", reason)}
        options={REASONS}
      />
      <TextField
        label="Due from"
        type="date"
        value={value("from")}
        onChange={(from) => set("from", from)}
      />
      <TextField label="Due to" type="date" value={value("to")} onChange={(to) => set("to", to)} />
      {some && (
        <button
          type="button"
          className="plain"
          onClick={() => {
            onSearch("");
            setParams((before) => withoutFilters(before), { replace: true });
          }}
        >
          Show all
        </button>
      )}
    </form>
  );
}

function withoutFilters(before: URLSearchParams): URLSearchParams {
  const after = new URLSearchParams(before);
  for (const name of NAMES) after.delete(name);
  return after;
}

function SearchField({ value, onSearch }: { value: string; onSearch: (words: string) => void }) {
  const [typed, setTyped] = useState(value);
  const searched = useRef(value);
  // It changed from outside the field: by a link, or the button that shows all.
  useEffect(() => {
    if (value !== searched.current) setTyped(value);
    searched.current = value;
  }, [value]);
  const search = useEffectEvent((words: string) => {
    searched.current = words;
    onSearch(words);
  });
  useEffect(() => {
    const words = typed.trim();
    if (words === searched.current.trim()) return;
    const timer = setTimeout(() => search(words), PAUSE);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <TextField
      label="Name or number"
      type="search"
      autoComplete="off"
      className="filter-search"
      value={typed}
      onChange={setTyped}
      maxLength={200}
    />
  );
}
