// Typical objects from the API, for tests; each test says what is special about its own.
import type { Viewer } from "../auth/viewer";
import type {
  AuditEventPartsFragment,
  BlockedEntryFragment,
  RecallRowFragment,
  RunPartsFragment,
  SmsBlockReason,
  TokenPartsFragment,
} from "../gql/graphql";

export const SYDNEY = "Australia/Sydney";

export const PRIYA = { id: "Patient:1", firstName: "Priya", lastName: "Nair" };
export const TOM = { id: "Patient:2", firstName: "Tom", lastName: "Nair" };

export const CLEAR = { blocked: false, overridable: false, reason: null, message: null };

/** Return the rule's answer when an SMS can't go, or staff are asked. */
export const stopped = (reason: SmsBlockReason, message: string, overridable = false) => ({
  blocked: true,
  overridable,
  reason,
  message,
});

/** Return a recall that can be sent. */
export function aRecall(special: Partial<RecallRowFragment> = {}): RecallRowFragment {
  return {
    id: "Recall:1",
    reason: "Skin check",
    urgency: null,
    dueDate: "2026-11-23",
    state: "TO_ACTION",
    backOn: null,
    category: { id: "Category:1", name: "Skin checks" },
    patient: { ...PRIYA, birthDate: null, mobile: "+61491570006", mobileTyped: "0491570006" },
    attempts: [],
    smsStatus: CLEAR,
    ...special,
  };
}

/** Return a run in progress. */
export function aRun(special: Partial<RunPartsFragment> = {}): RunPartsFragment {
  return {
    id: "Run:1",
    trigger: "MANUAL",
    state: "SENDING",
    startedAt: "2026-11-23T00:00:00Z",
    finishedAt: null,
    heldUntil: null,
    stoppedAt: null,
    actor: "Kim",
    actorId: null,
    planned: 0,
    queued: 0,
    sent: 0,
    refused: 0,
    failed: 0,
    unknown: 0,
    cancelled: 0,
    skipped: 0,
    ...special,
  };
}

/** Return an event of the audit trail. */
export function anEvent(special: Partial<AuditEventPartsFragment> = {}): AuditEventPartsFragment {
  return {
    id: "AuditEvent:1",
    at: "2026-11-23T00:00:00Z",
    actor: "Kim",
    actorId: null,
    role: "RECEPTIONIST",
    origin: "192.0.2.7",
    action: "SIGNED_IN",
    subject: null,
    details: null,
    patient: null,
    ...special,
  };
}

/** Return a valid token. */
export function aToken(special: Partial<TokenPartsFragment> = {}): TokenPartsFragment {
  return {
    id: "AccessToken:1",
    name: "Sam",
    role: "RECEPTIONIST",
    createdAt: "2026-11-01T00:00:00Z",
    createdBy: null,
    expiresAt: null,
    revokedAt: null,
    revokedBy: null,
    lastUsedAt: null,
    lastUsedFrom: null,
    ...special,
  };
}

/** Return an entry for a blocked number. */
export function anEntry(special: Partial<BlockedEntryFragment> = {}): BlockedEntryFragment {
  return {
    id: "BlockedCommunication:1",
    mobile: "+61491570006",
    blockedRecalls: true,
    note: null,
    patients: [PRIYA],
    ...special,
  };
}

export const VIEWER: Viewer = {
  id: "access_tokens:1:1",
  actorId: "AccessToken:1",
  name: "Kim",
  role: "ADMIN",
  practice: {
    id: "Practice:1",
    name: "Hill Street",
    timeZone: SYDNEY,
    pms: { product: "MEDICAL_DIRECTOR", consentReadable: true },
  },
};
