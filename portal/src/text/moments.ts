// Converts moments and days between the practice's clock and the API's.
import { count } from "./format";

const MINUTE = 60_000;

/** Return the time until a moment: "in 25 minutes", "in 14 hours", "in 3 days"; "now" if past. */
export function untilText(moment: string, now: number): string {
  const minutes = Math.round((Date.parse(moment) - now) / MINUTE);
  if (minutes <= 0) return "now";
  if (minutes < 60) return `in ${count(minutes, "minute")}`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `in ${count(hours, "hour")}` : `in ${count(Math.round(hours / 24), "day")}`;
}

/** Return the moment at which the day `after` days after `day` (`2026-11-23`) begins in the zone. */
export function dayBegins(day: string, timeZone: string, after = 0): string {
  const midnight = new Date(day);
  midnight.setUTCDate(midnight.getUTCDate() + after);
  const utc = midnight.getTime();
  // The offset at midnight UTC may differ from that at the day's own beginning.
  const guess = utc - offset(utc, timeZone);
  return new Date(utc - offset(guess, timeZone)).toISOString();
}

/** Return the milliseconds that the zone's clock is ahead of UTC at a moment. */
function offset(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-AU", { timeZone, timeZoneName: "longOffset" });
  const name = parts.formatToParts(at).find(({ type }) => type === "timeZoneName")?.value ?? "";
  const found = /([+-])(\d\d):(\d\d)/.exec(name);
  if (!found) return 0;
  const minutes = Number(found[2]) * 60 + Number(found[3]);
  return (found[1] === "-" ? -1 : 1) * minutes * MINUTE;
}
