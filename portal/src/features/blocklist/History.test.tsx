// Tests of a number's history: who changed what, and how.
import { screen } from "@testing-library/react";
import { expect, test } from "vitest";

import { BlockHistoryDocument, type BlockHistoryQuery } from "../../gql/graphql";
import { anApi } from "../../testing/api";
import { show } from "../../testing/screen";
import { History } from "./History";

type Entry = Extract<BlockHistoryQuery["node"], { __typename: "BlockedCommunication" }>;
type Event = Entry["history"][number];

const event = (special: Partial<Event>): Event => ({
  at: "2025-03-04T01:05:00Z",
  actor: "Kim",
  actorId: null,
  source: "STAFF",
  listed: true,
  blockedRecalls: true,
  note: null,
  ...special,
});

/** Show a history, newest first, and return the text for each event. */
async function open(...history: Event[]): Promise<(string | undefined)[]> {
  anApi()
    .on(BlockHistoryDocument)
    .answers(({ id }) => ({
      node: { __typename: "BlockedCommunication", id: String(id), history },
    }));
  show(<History id="BlockedCommunication:1" />);
  const items = await screen.findAllByRole("listitem");
  return items.map((item) => item.querySelector("strong")?.textContent);
}

test("people with the same name can be told apart", async () => {
  // when
  await open(event({ actorId: "Person:3" }), event({ actorId: "AccessToken:7" }), event({}));
  // then
  const items = screen.getAllByRole("listitem").map((item) => item.textContent);
  expect(items).toEqual([
    expect.stringContaining("Kim (person 3)"),
    expect.stringContaining("Kim (token 7)"),
    expect.stringContaining("Kim"),
  ]);
});

test("each change is described by comparison with the one before", async () => {
  expect(
    await open(
      event({ listed: true, blockedRecalls: true }),
      event({ listed: false, blockedRecalls: false }),
      event({ blockedRecalls: false }),
      event({ blockedRecalls: true }),
      event({ blockedRecalls: false, note: "Sister's" }),
      event({ blockedRecalls: false, note: "Partner's" }),
    ),
  ).toEqual(["Blocked", "Removed", "Unblocked", "Blocked", "Note changed", "Listed, not blocked"]);
});

test.each([
  ["STAFF", "Kim"],
  ["PATIENT_REPLY", "patient replied STOP"],
  ["GATEWAY", "opt-out reported by the SMS service"],
] as const)("an event shows who changed the entry, and how: %s", async (source, expected) => {
  // when
  await open(event({ source, note: "Asked by phone" }));
  // then
  expect(screen.getByRole("listitem").textContent).toBe(
    `BlockedAsked by phone${expected} · 4 Mar 2025, 12:05 pm`,
  );
});
