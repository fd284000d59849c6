// Texts for dates, times, names, numbers and counts, in plain Australian English.

const DAY = 86_400_000;

/** Return `2026-11-23` as "23 Nov 2026". */
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
/** Return a moment's date in the time zone as `2026-11-23`, which is the Canadian format. */
function dayOf(moment: Date, timeZone: string): string {
  let known = dayFormats.get(timeZone);
  if (!known) dayFormats.set(timeZone, (known = new Intl.DateTimeFormat("en-CA", { timeZone })));
  return known.format(moment);
}
const utc = (options: Intl.DateTimeFormatOptions) => format({ ...options, timeZone: "UTC" });

/** Return a moment in the practice's time: "23 Nov, 9:05 am", with any other year than this. */
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

/** Return the time of day at a moment: "9:05 am". */
export const timeText = (at: number, timeZone: string): string =>
  format({ hour: "numeric", minute: "2-digit", timeZone }).format(at);

/** Return a time zone's place: "Perth". */
export const zoneName = (timeZone: string): string =>
  (timeZone.split("/").at(-1) ?? timeZone).replaceAll("_", " ");

/** Return today's date in the time zone, as `2026-11-23`. */
export function today(timeZone: string): string {
  return dayOf(new Date(), timeZone);
}

/** Return the whole days from one date to another; negative if the second is earlier. */
export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(to) - Date.parse(from)) / DAY);

/** Return how far a due date is from today: "today", "in 3 days", "5 weeks overdue". */
export function dueText(due: string, day: string): string {
  const days = daysBetween(day, due);
  if (days === 0) return "today";
  if (days === 1) return "tomorrow";
  return days > 0 ? `in ${span(days)}` : `${span(-days)} overdue`;
}

/** Return how long ago a moment was: "today", "yesterday", "3 weeks ago". */
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

/** Return a count with its noun: "1 message", "12,000 messages". */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number.toLocaleString("en-AU")} ${number === 1 ? noun : plural}`;
}

/** Return E.164 as Australians write it: "0491 570 156"; foreign numbers stay as they are. */
export function mobileText(mobile: string): string {
  const local = /^\+61(\d{3})(\d{3})(\d{3})$/.exec(mobile);
  return local ? `0${local[1]} ${local[2]} ${local[3]}` : mobile;
}

/** Return a patient's name: "Priya Nair". */
export function nameText(patient: { firstName: string; lastName: string }): string {
  return `${patient.firstName} ${patient.lastName}`.trim();
}

const and = new Intl.ListFormat("en-AU", { type: "conjunction" });

/** The most patients that the API names for a number; there may be others. */
const NAMED = 100;

/** Return patients' names: "Priya Nair and Tom Nair"; "" if there are none. */
export function namesText(patients: readonly { firstName: string; lastName: string }[]): string {
  const names = patients.map(nameText);
  return and.format(names.length < NAMED ? names : [...names, "others"]);
}

const HOLDERS: Readonly<Record<string, string>> = { AccessToken: "token", Person: "person" };

/** Return what tells actors of the same name apart: "token 7"; "" if there is no actor id. */
export function holderText(actorId: string | null): string {
  const [type = "", number = ""] = actorId?.split(":") ?? [];
  const holder = HOLDERS[type];
  return holder ? `${holder} ${number}` : "";
}
