// How dates, times, names, numbers and counts read, in plain Australian English.

const DAY = 86_400_000;

/** `2026-11-23` as "23 Nov 2026". */
export function dateText(date: string): string {
  return utc({ day: "numeric", month: "short", year: "numeric" }).format(new Date(date));
}

const formats = new Map<string, Intl.DateTimeFormat>();
function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify(options);
  let known = formats.get(key);
  if (!known) formats.set(key, (known = new Intl.DateTimeFormat("en-AU", options)));
  return known;
}
const dayFormats = new Map<string, Intl.DateTimeFormat>();
/** The day of a moment in a time zone, as `2026-11-23`, which is how Canada writes it. */
function dayOf(moment: Date, timeZone: string): string {
  let known = dayFormats.get(timeZone);
  if (!known) dayFormats.set(timeZone, (known = new Intl.DateTimeFormat("en-CA", { timeZone })));
  return known.format(moment);
}
const utc = (options: Intl.DateTimeFormatOptions) => format({ ...options, timeZone: "UTC" });

/** A moment as the practice's clock shows it: "23 Nov, 9:05 am", with the year if it is another. */
export function momentText(moment: string, timeZone: string): string {
  const at = new Date(moment);
  const year = (of: Date) => format({ year: "numeric", timeZone }).format(of);
  return format({
    day: "numeric",
    month: "short",
    ...(year(at) === year(new Date()) ? {} : { year: "numeric" }),
    hour: "numeric",
    minute: "2-digit",
    timeZone,
  }).format(at);
}

/** The day that it is in the time zone, as `2026-11-23`. */
export function today(timeZone: string): string {
  return dayOf(new Date(), timeZone);
}

/** Whole days from one day to another; negative where it comes before. */
export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(to) - Date.parse(from)) / DAY);

/** How long a due date is from today: "today", "in 3 days", "5 weeks overdue". */
export function dueText(due: string, day: string): string {
  const days = daysBetween(day, due);
  if (days === 0) return "today";
  if (days === 1) return "tomorrow";
  return days > 0 ? `in ${span(days)}` : `${span(-days)} overdue`;
}

/** How long ago a moment was: "today", "yesterday", "3 weeks ago". */
export function agoText(moment: string, timeZone: string): string {
  const days = daysBetween(dayOf(new Date(moment), timeZone), today(timeZone));
  if (days <= 0) return "today";
  return days === 1 ? "yesterday" : `${span(days)} ago`;
}

function span(days: number): string {
  if (days < 14) return count(days, "day");
  if (days < 60) return count(Math.floor(days / 7), "week");
  if (days < 730) return count(Math.floor(days / 30.44), "month");
  return count(Math.floor(days / 365.25), "year");
}

/** "1 message", "12,000 messages". */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number.toLocaleString("en-AU")} ${number === 1 ? noun : plural}`;
}

/** E.164 as people here read it: "+61491570156" as "0491 570 156"; others stay as they are. */
export function mobileText(mobile: string): string {
  const local = /^\+61(\d{3})(\d{3})(\d{3})$/.exec(mobile);
  return local ? `0${local[1]} ${local[2]} ${local[3]}` : mobile;
}

/** A patient's name: "Priya Nair". */
export function nameText(patient: { firstName: string; lastName: string }): string {
  return `${patient.firstName} ${patient.lastName}`.trim();
}

const and = new Intl.ListFormat("en-AU", { type: "conjunction" });

/** Patients whom the API names of a number; there may be others. */
const NAMED = 100;

/** Patients' names: "Priya Nair and Tom Nair"; "" where there are none. */
export function namesText(patients: readonly { firstName: string; lastName: string }[]): string {
  const names = patients.map(nameText);
  return and.format(names.length < NAMED ? names : [...names, "others"]);
}

const HOLDERS: Readonly<Record<string, string>> = { AccessToken: "token", Person: "person" };

/** What tells people of one name apart: "token 7"; "" where nobody was signed in, or long ago. */
export function holderText(actorId: string | null): string {
  const [type = "", number = ""] = actorId?.split(":") ?? [];
  const holder = HOLDERS[type];
  return holder ? `${holder} ${number}` : "";
}
