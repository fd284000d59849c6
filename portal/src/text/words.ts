// The screen's words for the API's enums.
import type {
  AttemptState,
  AuditAction,
  BlockSource,
  CancellationReason,
  ContactKind,
  PmsProduct,
  RecallState,
  Role,
  SmsBlockReason,
} from "../gql/graphql";

/** Why an SMS can't or shouldn't be sent, in brief; `smsStatus.message` has the whole sentence. */
export const REASON: Record<SmsBlockReason, string> = {
  PATIENT_DECEASED: "Patient deceased",
  PATIENT_INACTIVE: "Patient inactive",
  MOBILE_MISSING: "No mobile number",
  MOBILE_INVALID: "Mobile number invalid",
  BLOCKED_COMMUNICATION: "Blocked Recalls",
  PMS_CONSENT_UNREADABLE: "SMS consent can’t be read",
  PMS_CONSENT_WITHHELD: "Does not wish to be contacted by SMS",
};

export const KIND: Record<ContactKind, string> = { SMS: "SMS", PHONE: "Call", LETTER: "Letter" };

export const ATTEMPT: Record<AttemptState, string> = {
  QUEUED: "queued",
  SENDING: "sending",
  SENT: "sent",
  DELIVERED: "delivered",
  UNDELIVERED: "not delivered",
  REFUSED: "not sent – blocked",
  FAILED: "failed",
  UNKNOWN: "not confirmed",
  CANCELLED: "cancelled",
  DONE: "done",
};

export const CANCELLATION: Record<CancellationReason, string> = {
  PATIENT_CHANGED: "Moved to another patient in your practice software.",
  RECALL_COMPLETED: "The recall has since been completed.",
  NO_FURTHER_ACTION: "Marked “No further action”.",
  MOBILE_CHANGED: "The patient’s mobile number has since changed.",
  NO_LONGER_DUE: "No longer due, or already contacted another way.",
  UNDONE: "Recorded by mistake, and undone.",
  RUN_STOPPED: "Undone or stopped before it was sent.",
  CONSENT_WITHDRAWN: "The patient’s SMS consent has since changed. Send again to be asked first.",
};

export const STATE: Record<RecallState, string> = {
  TO_ACTION: "To action",
  WAITING: "Waiting",
  COMPLETED: "Completed",
  NO_FURTHER_ACTION: "No further action",
};

export const SOURCE: Record<BlockSource, string> = {
  STAFF: "staff",
  PATIENT_REPLY: "patient replied STOP",
  GATEWAY: "opt-out reported by the SMS service",
};

export const ROLE: Record<Role, string> = {
  ADMIN: "Admin",
  RECEPTIONIST: "Receptionist",
  CONNECTOR: "Connector",
};

export const PMS: Record<PmsProduct, string> = {
  BEST_PRACTICE: "Best Practice",
  MEDICAL_DIRECTOR: "MedicalDirector",
  GENIE: "Genie",
  ZEDMED: "Zedmed",
  OTHER: "another system",
};

export const ACTION: Record<AuditAction, string> = {
  SIGNED_IN: "Signed in",
  SIGN_IN_REFUSED: "Sign-in refused",
  FORBIDDEN: "Tried something their role doesn’t allow",
  SESSION_STARTED: "Started a session",
  SESSION_ENDED: "Signed out",
  PATIENT_VIEWED: "Viewed a patient",
  RECALLS_SENT: "Sent recalls",
  RUN_STOPPED: "Stopped sending",
  CONSENT_OVERRIDDEN: "Sent without SMS consent",
  CONSENT_CHECKED: "Checked consent in the practice software",
  CONSENT_CHECK_REMOVED: "Asked for consent to be checked again",
  BLOCK_CHANGED: "Changed Blocked Communications",
  CONTACT_RECORDED: "Recorded a call or letter",
  CONTACT_UNDONE: "Undid a call or letter",
  RECALLS_CLOSED: "Closed recalls",
  RECALLS_REOPENED: "Reopened recalls",
  PMS_SYNCED: "Synced with the practice software",
  SETUP_CHANGED: "Changed settings",
  TOKEN_CREATED: "Created an access token",
  TOKEN_REVOKED: "Revoked an access token",
  PERSON_REVOKED: "Revoked a person’s access",
  PERSON_RESTORED: "Restored a person’s access",
  AUDIT_VIEWED: "Viewed the audit trail",
  AUDIT_EXPORTED: "Exported the audit trail",
};
