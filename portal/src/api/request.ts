// HTTP requests as the signed-in person, repeated after ended tokens and too many requests.
import { credentials, renewed } from "./credentials";
import { wait } from "./wait";

const TOO_MANY = 429;
const UNAUTHORISED = 401;

/**
 * Send a request with the current token. If the token is refused or there are too many requests,
 * nothing was done, so the request is repeated: once the same person has signed in again, or after
 * the time that the API asks for.
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
