// Filters the recall list by patient, category, due date, and whether an SMS can go.
import { useEffect } from "react";
import { useSearchParams } from "wouter";

import { useViewer } from "../../auth/viewer";
import { remember, remembered } from "../../data/use-remembered";
import { useLiveQuery } from "../../data/use-live-query";
import { CategoryNamesDocument } from "../../gql/graphql";
import { today } from "../../text/format";
import { REASON } from "../../text/words";
import { TextField } from "../../ui/Field";
import { useClosePopup } from "../../ui/Popup";
import { FilterChip, PanelChip } from "./FilterChip";
import { SearchField } from "./SearchField";
import { type Due, dueName, duePresets } from "./due";
import { ANY_REASON, NO_REASON } from "./filter";

const NAMES = ["category", "from", "to", "reason"] as const;
type Name = (typeof NAMES)[number];
const KEPT = "recall filters";

const REASONS: readonly (readonly [string, string])[] = [
  [NO_REASON, "Yes"],
  [ANY_REASON, "No or ask first"],
  ...Object.entries(REASON),
];

interface Props {
  /** The last search. */
  words: string;
  onSearch: (words: string) => void;
  /** Clear the search, and by `clearFilters` the others. */
  onClear: () => void;
}

/** Return the filters of an address, as a query. */
function filtersOf(params: URLSearchParams): string {
  const found = new URLSearchParams();
  for (const name of NAMES) {
    const value = params.get(name);
    if (value) found.set(name, value);
  }
  return String(found);
}

type SetParams = ReturnType<typeof useSearchParams>[1];

/** Take the filters out of the page's address, and don't keep them. */
export function clearFilters(setParams: SetParams): void {
  remember(KEPT, "");
  setParams(
    (before) => new URLSearchParams([...before].filter(([name]) => !NAMES.includes(name as Name))),
    { replace: true },
  );
}

/** The filters. The page's address holds all but the search; all are kept while the page is open. */
export function Filters({ words, onSearch, onClear }: Props) {
  const [params, setParams] = useSearchParams();
  const { timeZone } = useViewer().practice;
  const { data } = useLiveQuery(CategoryNamesDocument, {}, ["SETUP"]);
  const set = (values: Partial<Record<Name, string>>) => {
    const after = new URLSearchParams(params);
    for (const [name, value] of Object.entries(values)) {
      if (value) after.set(name, value);
      else after.delete(name);
    }
    // First, or the filters would come back.
    remember(KEPT, filtersOf(after));
    setParams(after, { replace: true });
  };
  const filters = filtersOf(params);
  useEffect(() => {
    const kept = remembered(KEPT);
    if (filters) remember(KEPT, filters);
    else if (kept) {
      setParams((before) => new URLSearchParams([...before, ...new URLSearchParams(kept)]), {
        replace: true,
      });
    }
  }, [filters, setParams]);
  const value = (name: Name) => params.get(name) ?? "";

  const categories = data?.categories ?? [];
  const day = today(timeZone);
  const due = { from: value("from"), to: value("to") };
  return (
    <form role="search" className="filters" onSubmit={(event) => event.preventDefault()}>
      <SearchField value={words} onSearch={onSearch} />
      <FilterChip
        name="Category"
        value={
          value("category") && (categories.find(({ id }) => id === value("category"))?.name ?? "…")
        }
        onClear={() => set({ category: "" })}
        choices={[
          { text: "All", checked: !value("category"), pick: () => set({ category: "" }) },
          ...categories.map(({ id, name }) => ({
            text: name,
            checked: value("category") === id,
            pick: () => set({ category: id }),
          })),
        ]}
      />
      <FilterChip
        name="Can we text them?"
        value={REASONS.find(([reason]) => reason === value("reason"))?.[1] ?? ""}
        onClear={() => set({ reason: "" })}
        choices={[
          { text: "All", checked: !value("reason"), pick: () => set({ reason: "" }) },
          ...REASONS.map(([reason, text]) => ({
            text,
            checked: value("reason") === reason,
            pick: () => set({ reason }),
          })),
        ]}
      />
      <PanelChip name="Due" value={dueName(due, day)} onClear={() => set({ from: "", to: "" })}>
        <DuePanel due={due} day={day} onChange={set} />
      </PanelChip>
      {(words !== "" || filters !== "") && (
        <button type="button" className="plain filters-clear" onClick={onClear}>
          Clear filters
        </button>
      )}
    </form>
  );
}

interface DueProps {
  due: Due;
  day: string;
  onChange: (due: Partial<Due>) => void;
}

function DuePanel({ due, day, onChange }: DueProps) {
  const close = useClosePopup();
  return (
    <>
      <div className="due-presets">
        {duePresets(day).map(([name, preset]) => (
          <button
            key={name}
            type="button"
            onClick={() => {
              close();
              onChange(preset);
            }}
          >
            {name}
          </button>
        ))}
      </div>
      <div className="due-dates">
        <TextField
          label="Due from"
          type="date"
          value={due.from}
          onChange={(from) => onChange({ from })}
        />
        <TextField label="Due to" type="date" value={due.to} onChange={(to) => onChange({ to })} />
      </div>
    </>
  );
}
