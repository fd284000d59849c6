// Words for the SMS service's error codes that staff can do something about.

const FAILURES: Readonly<Record<string, string>> = {
  "21211": "Not a valid mobile number",
  "21610": "The patient has opted out with the phone company",
  "21614": "Not a mobile number",
  "30003": "Phone was off or out of range",
  "30004": "Blocked by the phone company",
  "30005": "Number not in service",
  "30006": "A landline, or a number that can’t get SMS",
  "30007": "Filtered out by the phone network",
};

/** Return what is to be known, and done, about an SMS of which nobody knows whether it arrived. */
export const unknownText = (lookedUp: boolean): string =>
  lookedUp
    ? "We haven’t heard back and are checking. If the SMS service never got it, we’ll send it. If you call first, record the call: then we won’t."
    : "We can’t tell whether this arrived. Call before you text again – we won’t resend it.";

/** Return why an SMS failed, with its code: "Phone was off or out of range (30003)". */
export const failureText = (code: string): string =>
  FAILURES[code] ? `${FAILURES[code]} (${code})` : `Failed (code ${code})`;
