// The messages on why somebody is signed in, or no longer is.
import type { MessageKind } from "./session";

export const UNREACHABLE = "Recalls can’t be reached just now. Check the connection and try again.";

/** The kind and text of each notice. App.tsx has the text for "another", in a banner. */
export const MESSAGES: Record<
  Exclude<MessageKind, "another">,
  readonly ["plain" | "error" | "warning", string]
> = {
  idle: ["plain", "You were signed out, for nobody had used Recalls here for a while."],
  ended: [
    "error",
    "Your sign-in has ended, or doesn’t let you in here. Please sign in again; if that doesn’t help, ask your admin.",
  ],
  refused: ["error", "That link doesn’t let anybody in. Please ask your admin for a new token."],
  link: ["error", "Links don’t sign anybody in here. Please sign in below."],
  untold: [
    "warning",
    "You are signed out on this computer. Recalls couldn’t be told, as it can’t be reached just now; there your sign-in ends by itself, unused.",
  ],
  provider: [
    "warning",
    "You are signed out of Recalls. Your organisation’s sign-in service may still know you on this computer: where others use it too, sign out there as well.",
  ],
};
