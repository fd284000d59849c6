// The search for patients in the recall list.
import { useEffect, useEffectEvent, useId, useRef, useState } from "react";

import { SearchIcon } from "../../ui/icons";

/** Milliseconds after the last key before the search runs. */
const PAUSE = 200;
const WHAT = "Name, mobile or date of birth";

interface Props {
  /** The last search. */
  value: string;
  onSearch: (words: string) => void;
}

/** A field that searches once somebody pauses. */
export function SearchField({ value, onSearch }: Props) {
  const [typed, setTyped] = useState(value);
  const searched = useRef(value);
  const id = useId();
  // It changed from outside the field: by a link, or by clearing the filters.
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
    <div className="search">
      <label htmlFor={id} className="unseen">
        {WHAT}
      </label>
      <SearchIcon />
      <input
        id={id}
        type="search"
        autoComplete="off"
        placeholder={WHAT}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        maxLength={200}
      />
    </div>
  );
}
