// Tests of the audit trail's screen: what it requests from the API.
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
  // Sixty events, with fifty on the first page.
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

test("“Show more” reads the next page of events", async () => {
  // given
  show(<AuditPage />, "/setup/audit");
  await screen.findByText("60 events");
  expect(events().length).toBe(50);
  // when
  fireEvent.click(screen.getByRole("button", { name: "Show more" }));
  // then
  await screen.findByText("All events shown");
  expect(events().length).toBe(60);
  expect(api.asked(AuditEventsDocument).map(({ after }) => after ?? null)).toEqual([
    null,
    null,
    "half",
  ]);
});

test("the address can restrict the events to one actor", async () => {
  // when
  show(<AuditPage />, "/setup/audit?who=AccessToken:7");
  // then
  await screen.findByText("60 events");
  expect(api.asked(AuditEventsDocument).at(-1)?.filter).toEqual({ actorId: "AccessToken:7" });
  expect(screen.getByText(/Only activity/).textContent).toContain("Show everyone");
});

test("the people shown are read only when that part is opened", async () => {
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
  const details = screen.getByText(/Patients shown in lists/).closest("details")!;
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

test("the form's filter goes to the API, with days in the practice's time zone", async () => {
  // given
  show(<AuditPage />, "/setup/audit");
  await screen.findByText("60 events");
  fireEvent.change(screen.getByLabelText("From"), { target: { value: "2026-10-04" } });
  fireEvent.change(screen.getByLabelText("To"), { target: { value: "2026-10-04" } });
  // when
  fireEvent.click(screen.getByRole("button", { name: "Apply" }));
  // then
  await expect
    .poll(() => api.asked(AuditEventsDocument).at(-1)?.filter)
    .toEqual({ since: "2026-10-03T14:00:00.000Z", until: "2026-10-04T13:00:00.000Z" });
});
