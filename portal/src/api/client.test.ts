// Tests of the client: ended tokens, too many requests and broken connections.
import { CombinedError } from "@urql/core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import "../testing/api";
import { currentSession, setCurrentPerson } from "../auth/session";
import { signInWithToken } from "../auth/signing";
import { CheckMobileDocument, StopRunDocument } from "../gql/graphql";
import { download } from "./downloads";
import { errorText, Failure, Unanswered, WRONG } from "./errors";
import { mutate, query } from "./operations";

const UNREACHABLE = "We can’t reach the server. Check your connection and try again.";
const CHECKED = { checkMobile: { __typename: "InvalidMobile", message: "too short" } };

interface Asked {
  readonly url: string;
  readonly token: string | null;
  readonly body: string;
}
let asked: Asked[] = [];

beforeEach(async () => {
  setCurrentPerson("");
  answers(
    () => started("good"),
    () => viewer("Kim"),
  );
  await signInWithToken("pasted");
  setCurrentPerson("Kim");
  asked = [];
});
afterEach(() => {
  vi.useRealTimers();
});

/** Make the API give these answers in order, repeating the last. */
function answers(...all: (() => Response)[]): void {
  vi.stubGlobal(
    "fetch",
    async (url: string, { headers, body }: { headers: HeadersInit; body: string }) => {
      asked.push({ url, token: new Headers(headers).get("Authorization"), body });
      const answer = all.length > 1 ? all.shift() : all[0];
      if (!answer) throw new TypeError("nobody is there");
      return answer();
    },
  );
}
const says = (content: object, status = 200, headers = {}) =>
  new Response(JSON.stringify(content), {
    status,
    headers: { "Content-Type": "application/json", ...headers },
  });
const started = (secret: string) =>
  says({ data: { startSession: { __typename: "SessionStarted", secret } } });
const viewer = (id: string) => says({ data: { viewer: { id } } });
const check = () => query(CheckMobileDocument, { mobile: "04" });

test("a request carries the token and the document's hash", async () => {
  // given
  answers(() => says({ data: CHECKED }));
  // when
  const found = await check();
  // then
  expect(found).toEqual(CHECKED);
  expect(asked.map(({ token }) => token)).toEqual(["Bearer good"]);
  expect(JSON.parse(asked[0]?.body ?? "")).toMatchObject({
    documentId: expect.stringMatching(/^sha256:/),
    variables: { mobile: "04" },
  });
});

test("a request whose token was refused is repeated once the same person has signed in again", async () => {
  // given
  answers(
    () => says({}, 401),
    () => started("another"),
    () => viewer("Kim"),
    () => says({ data: CHECKED }),
  );
  // when
  const found = check();
  await expect.poll(() => currentSession().ended).toBe(true);
  expect(asked.length).toBe(1);
  await signInWithToken("pasted");
  // then
  expect(await found).toEqual(CHECKED);
  expect(asked.map(({ token }) => token)).toEqual([
    "Bearer good",
    "Bearer pasted",
    "Bearer another",
    "Bearer another",
  ]);
});

test("a request whose token was refused is never repeated as somebody else", async () => {
  // given
  answers(
    () => says({}, 401),
    () => started("another"),
    () => viewer("Sam"),
    () => says({ data: CHECKED }),
  );
  const reload = vi.spyOn(location, "reload").mockReturnValue();
  const made = vi.fn();
  void mutate(StopRunDocument, { input: { runId: "Run:1" } }).then(made, made);
  await expect.poll(() => currentSession().ended).toBe(true);
  // when
  await signInWithToken("pasted");
  // then: the page reloads, and says why
  await expect.poll(() => reload.mock.calls.length).toBe(1);
  expect(currentSession()).toMatchObject({ token: "", leaving: true });
  expect({ ...sessionStorage }).toEqual({ "recalls.token": "another", "recalls.said": "another" });
  expect(asked.length).toBe(3);
  expect(made).not.toHaveBeenCalled();
});

test("nothing is repeated while it isn't known who has signed in again", async () => {
  // given
  answers(
    () => says({}, 401),
    () => started("another"),
    () => says({}, 503),
  );
  const found = check();
  await expect.poll(() => currentSession().ended).toBe(true);
  // when / then
  await expect(signInWithToken("pasted")).rejects.toThrow("503");
  expect(currentSession()).toMatchObject({ token: "good", ended: true });
  expect(asked.length).toBe(3);
  // when
  answers(
    () => started("another"),
    () => viewer("Kim"),
    () => says({ data: CHECKED }),
  );
  await signInWithToken("pasted");
  // then
  expect(await found).toEqual(CHECKED);
});

test("after too many requests, a request is repeated when the API says", async () => {
  // given
  vi.useFakeTimers();
  answers(
    () => says({}, 429, { "Retry-After": "7" }),
    () => says({ data: CHECKED }),
  );
  const found = check();
  // when
  await vi.advanceTimersByTimeAsync(6_999);
  // then
  expect(asked.length).toBe(1);
  // when
  await vi.advanceTimersByTimeAsync(1);
  // then
  expect(await found).toEqual(CHECKED);
});

test("without Retry-After, a request is repeated after a second", async () => {
  // given
  vi.useFakeTimers();
  answers(
    () => says({}, 429),
    () => says({ data: CHECKED }),
  );
  const found = check();
  // when
  await vi.advanceTimersByTimeAsync(1_000);
  // then
  expect(await found).toEqual(CHECKED);
});

test("whether a change without an answer was made is unknown", async () => {
  // given
  answers();
  // when
  const made = mutate(StopRunDocument, { input: { runId: "Run:1" } });
  // then
  await expect(made).rejects.toThrow(Unanswered);
  await expect(made).rejects.toThrow(UNREACHABLE);
});

test("a change that the API refused wasn't made, and the error says why", async () => {
  // given
  answers(() => says({ errors: [{ message: "Only admins may do this." }] }));
  // when
  const made = mutate(StopRunDocument, { input: { runId: "Run:1" } });
  // then
  await expect(made).rejects.toThrow("Only admins may do this.");
  await expect(made).rejects.not.toBeInstanceOf(Unanswered);
});

test("an answer without data is an error", async () => {
  // given
  answers(() => says({ data: null }));
  // then
  await expect(check()).rejects.toThrow(
    "Sorry, something went wrong. Try again, and tell your practice manager if it keeps happening.",
  );
});

test("a broken connection has its own text, and an error keeps the API's words", () => {
  expect(errorText(new CombinedError({ networkError: new Error("down") }))).toBe(UNREACHABLE);
  expect(errorText(new CombinedError({ graphQLErrors: ["Too long."] }))).toBe("Too long.");
  expect(errorText(new CombinedError({}))).toBe(
    "Sorry, something went wrong. Try again, and tell your practice manager if it keeps happening.",
  );
});

test("a download sends its filter, and keeps the file name that the API gives", async () => {
  // given
  answers(
    () =>
      new Response("a,b", {
        headers: { "Content-Disposition": 'attachment; filename="audit-1.csv"' },
      }),
  );
  // when
  const { name, content } = await download("/exports/audit", { actor: "Kim" });
  // then
  expect(name).toBe("audit-1.csv");
  expect(await content.text()).toBe("a,b");
  expect(asked).toEqual([{ url: "/exports/audit", token: "Bearer good", body: '{"actor":"Kim"}' }]);
});

test("a file without a name gets a default one", async () => {
  // given
  answers(() => new Response("a,b"));
  // then
  expect((await download("/exports/audit", {})).name).toBe("recalls");
});

test("a refused download says why", async () => {
  // given
  answers(() => says({ errors: [{ message: "Only admins may do this." }] }, 403));
  // when
  const file = download("/exports/audit", {});
  // then
  await expect(file).rejects.toThrow(Failure);
  await expect(file).rejects.toThrow("Only admins may do this.");
});

test("a download refused without a message gets a general error", async () => {
  // given
  answers(() => new Response("<h1>Bad gateway</h1>", { status: 502 }));
  // then
  await expect(download("/exports/audit", {})).rejects.toThrow(WRONG);
});

test("a download whose connection broke is reported as a broken connection", async () => {
  // given
  answers();
  // then
  await expect(download("/exports/audit", {})).rejects.toThrow(UNREACHABLE);
});
