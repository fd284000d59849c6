// Tests of the audit trail's screen: what it asks for, and more of it where it is asked for.
import { fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { AuditEventsDocument, AuditNamesDocument } from "../gql/graphql";
import { type Api, anApi } from "../testing/api";
import { anEvent } from "../testing/facts";
import { show } from "../testing/screen";
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
