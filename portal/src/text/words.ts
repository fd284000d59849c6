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
  QUEUED: "waiting to be sent",
  SENDING: "being sent",
  SENT: "sent",
  DELIVERED: "delivered",
  UNDELIVERED: "not delivered",
  REFUSED: "not sent: blocked",
  FAILED: "failed",
  UNKNOWN: "unknown",
  CANCELLED: "cancelled",
  DONE: "done",
};

export const CANCELLATION: Record<CancellationReason, string> = {
  PATIENT_CHANGED: "The practice system gave the recall to another patient.",
  RECALL_COMPLETED: "The recall was completed in the meantime.",
  NO_FURTHER_ACTION: "It was marked as needing no further action.",
  MOBILE_CHANGED: "The patient’s number changed in the meantime.",
  NO_LONGER_DUE: "It was no longer due, or the patient was contacted in another way.",
  RUN_STOPPED: "The send was undone or stopped.",
  CONSENT_WITHDRAWN: "The patient’s SMS consent changed after it was sent. Send again to be asked.",
};

export const STATE: Record<RecallState, string> = {
  TO_ACTION: "To action",
  WAITING: "Waiting",
  COMPLETED: "Completed",
  NO_FURTHER_ACTION: "No further action",
};

export const SOURCE: Record<BlockSource, string> = {
  STAFF: "by staff",
  PATIENT_REPLY: "by the patient’s reply",
  GATEWAY: "by the SMS gateway",
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
  SIGN_IN_REFUSED: "Was not let in",
  FORBIDDEN: "Asked for what is not for their role",
  SESSION_STARTED: "Signed in at a browser",
  SESSION_ENDED: "Signed out",
  PATIENT_VIEWED: "Opened a patient",
  RECALLS_SENT: "Sent recalls",
  RUN_STOPPED: "Stopped a run",
  CONSENT_OVERRIDDEN: "Sent without SMS consent",
  BLOCK_CHANGED: "Changed Blocked Communications",
  CONTACT_RECORDED: "Recorded a call or letter",
  RECALLS_CLOSED: "Closed recalls",
  PMS_SYNCED: "Synced the practice software",
  SETUP_CHANGED: "Changed the set-up",
  TOKEN_CREATED: "Created a token",
  TOKEN_REVOKED: "Revoked a token",
  PERSON_REVOKED: "Revoked a person’s access",
  PERSON_RESTORED: "Let a person in again",
  AUDIT_VIEWED: "Read the audit trail",
  AUDIT_EXPORTED: "Exported the audit trail",
};
