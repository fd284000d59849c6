// A patient's number, and in a word or two whether an SMS may go to it.
import type { SmsBlockReason } from "../../gql/graphql";
import { mobileText } from "../../text/format";
import { isOpen } from "./recall-facts";
import type { RecallRow } from "./use-recall-list";

const CHIP: Record<SmsBlockReason, string> = {
  PATIENT_DECEASED: "Deceased",
  PATIENT_INACTIVE: "Inactive",
  MOBILE_MISSING: "No mobile",
  MOBILE_INVALID: "Not a mobile",
  BLOCKED_COMMUNICATION: "Blocked",
  PMS_CONSENT_UNREADABLE: "Ask first",
  PMS_CONSENT_WITHHELD: "Ask first",
};

/** The number as dialled, or as typed in the PMS, with its chip. */
export function Mobile({ recall }: { recall: RecallRow }) {
  const { patient, smsStatus } = recall;
  return (
    <>
      <span className="number">
        {patient.mobile ? mobileText(patient.mobile) : (patient.mobileTyped ?? "–")}
      </span>
      {isOpen(recall) &&
        (smsStatus.reason ? (
          <span className={smsStatus.overridable ? "tag tag-ask" : "tag"}>
            {CHIP[smsStatus.reason]}
          </span>
        ) : (
          <span className="second">SMS can be sent</span>
        ))}
    </>
  );
}
