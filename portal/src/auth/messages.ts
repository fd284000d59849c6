// The messages on why somebody is signed in, or no longer is.
import type { MessageKind } from "./session";

export const UNREACHABLE = "We can’t reach the server. Check your connection and try again.";

/** The kind and text of each notice. App.tsx has the text for "another", in a banner. */
export const MESSAGES: Record<
  Exclude<MessageKind, "another">,
  readonly ["plain" | "error" | "warning", string]
> = {
  idle: ["plain", "You were signed out because nobody had used Recalls here for a while."],
  ended: [
    "error",
    "You’ve been signed out. Sign in again, or ask your practice manager if that doesn’t work.",
  ],
  refused: ["error", "That link doesn’t work. Ask your practice manager for a new one."],
  link: ["error", "You can’t sign in with a link here. Sign in below."],
  untold: [
    "warning",
    "You’re signed out on this computer. We couldn’t reach the server to end your session there, so it will expire on its own.",
  ],
  provider: [
    "warning",
    "You’re signed out of Recalls, but maybe not of your organisation’s sign-in. On a shared computer, sign out there too.",
  ],
};
