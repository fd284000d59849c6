// Tests of the list of access tokens: their states, hiding and revoking.
import { fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import {
  AccessTokensDocument,
  type AccessTokensQuery,
  RevokeTokenDocument,
  type TokenPartsFragment,
} from "../../../gql/graphql";
import { type Api, anApi } from "../../../testing/api";
import { aToken } from "../../../testing/facts";
import { later } from "../../../testing/later";
import { show } from "../../../testing/screen";
import { TokensPage } from "./TokensPage";

const PAST = "2025-03-04T01:05:00Z";
const FUTURE = "2999-03-04T01:05:00Z";

let api: Api;
beforeEach(() => {
  api = anApi();
});

/** Open the screen with these tokens, oldest first. */
async function open(...tokens: Partial<TokenPartsFragment>[]) {
  api.on(AccessTokensDocument).answers(() => ({
    accessTokens: tokens.map((each, index) => aToken({ id: `AccessToken:${index}`, ...each })),
  }));
  show(<TokensPage />);
  await screen.findByRole("heading", { name: tokens[0]?.name ?? "Sam" });
}

const heads = () =>
  [...document.querySelectorAll(".token-head")].map((head) =>
    [head.querySelector("h2"), ...head.querySelectorAll(".tag")].map((each) => each?.textContent),
  );
const facts = () =>
  [...document.querySelectorAll(".token dl > div")].map((fact) => fact.textContent);

test("tokens are listed newest first, each with its state", async () => {
  // when
  await open(
    { name: "Ann" },
    { name: "Bob", revokedAt: PAST },
    { name: "Cas", expiresAt: PAST, role: "CONNECTOR" },
    { name: "Dan", expiresAt: PAST, revokedAt: PAST },
    { name: "Eve", expiresAt: FUTURE },
  );
  // then
  expect(heads()).toEqual([
    ["Eve", "Receptionist", "Active"],
    ["Dan", "Receptionist", "Revoked"],
    ["Cas", "Connector", "Expired"],
    ["Bob", "Receptionist", "Revoked"],
    ["Ann", "Receptionist", "Active"],
  ]);
});

test("only active tokens can be revoked", async () => {
  // when
  await open({ name: "Ann" }, { name: "Bob", revokedAt: PAST }, { name: "Cas", expiresAt: PAST });
  // then
  expect(
    screen
      .getAllByRole("button", { name: /^Revoke/ })
      .map((each) => each.getAttribute("aria-label")),
  ).toEqual(["Revoke the token for Ann…"]);
});

test("revoked and expired tokens can be hidden", async () => {
  // given
  await open({ name: "Ann" }, { name: "Bob", revokedAt: PAST }, { name: "Cas", expiresAt: PAST });
  // when
  fireEvent.click(screen.getByLabelText("Hide revoked and expired tokens"));
  // then
  expect(heads()).toEqual([["Ann", "Receptionist", "Active"]]);
});

test("a token that never expires and was never used says so", async () => {
  // when
  await open({ createdAt: PAST });
  // then
  expect(facts()).toEqual(["Created4 Mar 2025, 12:05 pm", "Expiresnever", "Last usednever"]);
});

test("a token shows who made and revoked it, and where it was last used from", async () => {
  // when
  await open({
    createdAt: PAST,
    createdBy: "Kim",
    revokedAt: PAST,
    revokedBy: "Lee",
    expiresAt: PAST,
    lastUsedAt: PAST,
    lastUsedFrom: "192.0.2.7",
  });
  // then
  const at = "4 Mar 2025, 12:05 pm";
  expect(facts()).toEqual([
    `Created${at} by Kim`,
    `Revoked${at} by Lee`,
    `Expired${at}`,
    `Last used${at} from 192.0.2.7`,
  ]);
});

test("after a revocation the focus moves to the token, even if it was on the content meanwhile", async () => {
  // given: the pressed button is gone, so the content has the focus
  api.on(AccessTokensDocument).answers(() => ({ accessTokens: [aToken()] }));
  show(
    <main id="main" tabIndex={-1}>
      <TokensPage />
    </main>,
  );
  fireEvent.click(await screen.findByRole("button", { name: "Revoke the token for Sam…" }));
  const anew = later<AccessTokensQuery>();
  api.on(AccessTokensDocument).answers(() => anew.promise);
  api
    .on(RevokeTokenDocument)
    .answers(() => ({ revokeToken: { __typename: "AccessToken", ...aToken() } }) as never);
  fireEvent.click(screen.getByRole("button", { name: "Revoke" }));
  await screen.findByText(/^Revoked the token for Sam/);
  document.getElementById("main")?.focus();
  // when
  anew.keep({ accessTokens: [aToken({ revokedAt: PAST })] });
  // then
  await expect.poll(() => document.activeElement?.textContent).toBe("Sam");
});
