// What the Today page begins with: a greeting by the practice's clock, and its date.

/** Return "Good morning", "Good afternoon" or "Good evening". */
export function greeting(now: number, timeZone: string): string {
  const hour = Number(
    new Intl.DateTimeFormat("en-AU", { hour: "numeric", hourCycle: "h23", timeZone }).format(now),
  );
  return hour < 12 ? "Good morning" : hour < 18 ? "Good afternoon" : "Good evening";
}

/** Return "Monday 30 November". */
export function dayText(now: number, timeZone: string): string {
  return new Intl.DateTimeFormat("en-AU", {
    weekday: "long",
    day: "numeric",
    month: "long",
    timeZone,
  })
    .format(now)
    .replace(",", "");
}
