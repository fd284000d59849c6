// The presets of the filter by due date.
import { dateText } from "../../text/format";

const DAY = 86_400_000;

/** The days from and to which recalls are due; "" if open. */
export interface Due {
  readonly from: string;
  readonly to: string;
}

/** Return the presets, seen from a day (`2026-11-23`), by name. */
export function duePresets(day: string): readonly (readonly [string, Due])[] {
  const after = (days: number) => new Date(Date.parse(day) + days * DAY).toISOString().slice(0, 10);
  const weekday = (new Date(day).getUTCDay() + 6) % 7;
  return [
    ["Overdue", { from: "", to: after(-1) }],
    ["This week", { from: after(-weekday), to: after(6 - weekday) }],
    ["Next 4 weeks", { from: day, to: after(28) }],
  ];
}

/** Return what the chip says: a preset's name, or the dates; "" if neither is set. */
export function dueName(due: Due, day: string): string {
  const preset = duePresets(day).find(([, { from, to }]) => from === due.from && to === due.to);
  if (preset) return preset[0];
  if (due.from && due.to) return `${dateText(due.from)} – ${dateText(due.to)}`;
  if (due.from) return `from ${dateText(due.from)}`;
  return due.to ? `to ${dateText(due.to)}` : "";
}
