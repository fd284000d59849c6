// Tests of the audit trail's screen: what it asks for, and more of it where it is asked for.
import { fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { AuditEventsDocument, AuditNamesDocument, PeopleShownDocument } from "../../../gql/graphql";
import { type Api, anApi } from "../../../testing/api";
import { anEvent } from "../../../testing/facts";
import { show } from "../../../testing/screen";
import { AuditPage } from "./AuditPage";

const events = () => document.querySelectorAll(".audit-event");

let api: Api;
beforeEach(() => {
  api = anApi();
  api.on(AuditNamesDocument).answers(() => ({ people: [], accessTokens: [], categories: [] }));
  // Sixty events, fifty on the first page.
  api.on(AuditEventsDocument).answers(({ after }) => ({
    auditEvents: {
      totalCount: 60,
      nodes: Array.from({ length: after ? 10 : 50 }, (_, each) =>
        anEvent({ id: `AuditEvent:${after ?? ""}${each}`, actor: `Number ${each}` }),
      ),
      pageInfo: { hasNextPage: !after, endCursor: after ? "end" : "half" },
    },
  }));
});

test("more events are shown when they are asked for", async () => {
  // given
  show(<AuditPage />, "/setup/audit");
  await screen.findByText("60 events");
  expect(events().length).toBe(50);
  // when
  fireEvent.click(screen.getByRole("button", { name: "Show more" }));
  // then
  await screen.findByText("All events are shown.");
  expect(events().length).toBe(60);
  expect(api.asked(AuditEventsDocument).map(({ after }) => after ?? null)).toEqual([
    null,
    null,
    "half",
  ]);
});

test("all that one of several people of a name did is asked for by the address", async () => {
  // when
  show(<AuditPage />, "/setup/audit?who=AccessToken:7");
  // then
  await screen.findByText("60 events");
  expect(api.asked(AuditEventsDocument).at(-1)?.filter).toEqual({ actorId: "AccessToken:7" });
  expect(screen.getByText(/Only what/).textContent).toContain("did. Show what everybody did");
});

test("how many people each viewer was shown is read once somebody wants to know", async () => {
  // given
  api.on(PeopleShownDocument).answers(() => ({
    peopleShown: {
      totalCount: 1,
      nodes: [
        {
          id: "PeopleShown:1",
          hour: "2025-11-23T00:00:00Z",
          actor: "Kim",
          actorId: "AccessToken:7",
          people: 1240,
          lists: 62,
          searches: 3,
        },
      ],
      pageInfo: { hasNextPage: false, endCursor: "end" },
    },
  }));
  show(<AuditPage />, "/setup/audit");
  await screen.findByText("60 events");
  expect(api.asked(PeopleShownDocument)).toEqual([]);
  // when
  const details = screen.getByText(/People shown in lists/).closest("details")!;
  details.open = true;
  fireEvent(details, new Event("toggle"));
  // then
  const row = await screen.findByRole("row", { name: /Kim/ });
  expect([...row.children].map((cell) => cell.textContent)).toEqual([
    "23 Nov 2025, 11:00 am",
    "Kim · token 7",
    "1,240",
    "62",
    "3",
  ]);
});

test("what the form says is asked for, the days as the practice's", async () => {
  // given
  show(<AuditPage />, "/setup/audit");
  await screen.findByText("60 events");
  fireEvent.change(screen.getByLabelText("From"), { target: { value: "2026-10-04" } });
  fireEvent.change(screen.getByLabelText("To"), { target: { value: "2026-10-04" } });
  // when
  fireEvent.click(screen.getByRole("button", { name: "Show" }));
  // then
  await expect
    .poll(() => api.asked(AuditEventsDocument).at(-1)?.filter)
    .toEqual({ since: "2026-10-03T14:00:00.000Z", until: "2026-10-04T13:00:00.000Z" });
});
