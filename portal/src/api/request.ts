// HTTP requests as whoever is signed in, through ended tokens and too many requests.
import { credentials, renewed } from "./credentials";
import { wait } from "./wait";

const TOO_MANY = 429;
const UNAUTHORISED = 401;

/**
 * Asks with whoever's token it is by then. Nothing was done where it is refused or there are too
 * many requests, so it is asked again: once somebody has signed in anew, or after the time it says.
 */
export async function request(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  for (;;) {
    const { token } = credentials.get();
    const headers = new Headers(init.headers);
    headers.set("Authorization", `Bearer ${token}`);
    const answer = await fetch(input, { ...init, headers });
    if (answer.status === UNAUTHORISED) await renewed(token);
    else if (answer.status === TOO_MANY) await wait(Number(answer.headers.get("Retry-After")) || 1);
    else return answer;
  }
}
