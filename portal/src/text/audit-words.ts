// The texts for an audit event's details and subject.
import type { AuditEventPartsFragment, ContactKind } from "../gql/graphql";
import { mobileText, momentText } from "./format";
import { ACTION, KIND, ROLE, SOURCE } from "./words";

/** Names of details, by the API's keys. Unknown keys are shown as they are. */
const NAMES: Readonly<Record<string, string>> = {
  name: "Name",
  sms_template: "SMS text",
  automated: "Sent automatically",
  steps: "Steps",
  reasons: "Reasons",
  urgencies: "Urgencies",
  first_contact_days: "First contact (days before due)",
  sms_repeat_days: "Wait after an SMS (days)",
  letter_repeat_days: "Wait after a letter (days)",
  phone_repeat_days: "Wait after a call (days)",
  send_from: "Send automatically from",
  send_until: "Send automatically until",
  next_run_at: "Next run",
  kind: "How",
  role: "Role",
  expiresAt: "Expires",
  listed: "Listed",
  blockedRecalls: "Blocked Recalls",
  source: "How",
  note: "Note",
  patient_id: "Patient ID",
  actor: "Who",
  actions: "Activity",
  since: "From",
  until: "To",
  actor_id: "Person or token ID",
  times: "Times in an hour",
  rows: "Rows",
  inserted: "New",
  updated: "Changed",
  names: "Names changed",
  mobiles: "Mobile numbers changed",
  toNumbers: "Different new numbers",
  consents: "SMS consents changed",
  statuses: "Statuses changed",
  patients: "Moved to another patient",
  dueDates: "Due dates changed",
  completed: "Completed or reopened",
};
/** Words for the values of some details. */
const VALUES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  steps: KIND,
  kind: KIND satisfies Record<ContactKind, string>,
  role: ROLE,
  source: SOURCE,
  actions: ACTION,
};
const MOMENTS = new Set(["next_run_at", "expiresAt", "since", "until"]);

export interface Detail {
  readonly name: string;
  /** "old → new" if both are known. */
  readonly text: string;
}

/** Return an event's details as texts, with moments in the practice's time. */
export function detailsOf(event: AuditEventPartsFragment, timeZone: string): Detail[] {
  const details = parsed(event.details);
  const made = event.action === "SETUP_CHANGED" && pair(details["id"])?.[0] === null;
  return Object.entries(details)
    .filter(([key]) => key !== "id")
    .map(([key, value]) => {
      const text = (each: unknown) => valueText(key, each, timeZone);
      const both = event.action === "SETUP_CHANGED" ? pair(value) : undefined;
      const name = NAMES[key] ?? key.replaceAll("_", " ");
      if (!both) return { name, text: text(value) };
      return { name, text: made ? text(both[1]) : `${text(both[0])} → ${text(both[1])}` };
    });
}

function parsed(details: string | null): Record<string, unknown> {
  const found: unknown = details === null ? null : JSON.parse(details);
  return typeof found === "object" && found !== null ? (found as Record<string, unknown>) : {};
}

function pair(value: unknown): readonly [unknown, unknown] | undefined {
  return Array.isArray(value) && value.length === 2 ? [value[0], value[1]] : undefined;
}

function valueText(key: string, value: unknown, timeZone: string): string {
  if (value === null || value === undefined) return key === "expiresAt" ? "never" : "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) {
    return value.map((each) => valueText(key, each, timeZone)).join(", ") || "none";
  }
  const text = String(value);
  if (MOMENTS.has(key)) return momentText(text.replace(" ", "T"), timeZone);
  // A time of day, without its seconds.
  return VALUES[key]?.[text] ?? text.replace(/^(\d\d:\d\d):00$/, "$1");
}

export interface Subject {
  readonly text: string;
  /** The page that shows it; "" if there is none. */
  readonly href: string;
}

interface Shown {
  readonly noun: string;
  readonly href: (id: string) => string;
}
/** Things with a page of their own, by the type in their id. */
const SHOWN: Readonly<Record<string, Shown>> = {
  Run: { noun: "see Sent messages", href: (id) => `/runs/${id}` },
  Category: { noun: "a category", href: (id) => `/setup/categories/${id}` },
  Practice: { noun: "preferences", href: () => "/setup/preferences" },
  AccessToken: { noun: "an access token", href: () => "/setup/tokens" },
  Person: { noun: "a person", href: () => "/setup/people" },
};

/** Return what else an event is about, named from `names`; null if its patient is enough. */
export function subjectOf(
  { subject, patient }: AuditEventPartsFragment,
  names: ReadonlyMap<string, string>,
): Subject | null {
  if (!subject) return null;
  const [type = ""] = subject.split(":");
  const shown = SHOWN[type];
  if (shown) return { text: names.get(subject) ?? shown.noun, href: shown.href(subject) };
  if (subject.startsWith("+")) return { text: mobileText(subject), href: "" };
  // A session is the actor's own and has no name.
  return patient || type === "Session" ? null : { text: subject, href: "" };
}
