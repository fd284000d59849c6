// The history of a number's entry: who changed it, when and how, newest first.
import { errorText } from "../../api/errors";
import { useViewer } from "../../auth/viewer";
import { useLiveQuery } from "../../data/use-live-query";
import { BlockHistoryDocument, type BlockHistoryQuery } from "../../gql/graphql";
import { holderText, momentText } from "../../text/format";
import { SOURCE } from "../../text/words";
import { Notice } from "../../ui/Notice";

type Entry = Extract<BlockHistoryQuery["node"], { __typename: "BlockedCommunication" }>;
type Event = Entry["history"][number];

/** The changes of one entry. */
export function History({ id }: { id: string }) {
  const { timeZone } = useViewer().practice;
  const { data, error } = useLiveQuery(BlockHistoryDocument, { id }, ["BLOCKS"]);
  if (error) return <Notice>{errorText(error)}</Notice>;
  if (!data) return <p role="status">Loading…</p>;
  if (data.node?.__typename !== "BlockedCommunication") return null;
  const events = data.node.history;
  return (
    <ol className="block-history" reversed>
      {events.map((event, index) => (
        // The history is append-only, so an event's place from the end never changes.
        <li key={events.length - index}>
          <strong>{whatChanged(event, events[index + 1])}</strong>
          {event.note && <q>{event.note}</q>}
          <span className="quiet">
            {event.source === "STAFF" ? staffText(event) : SOURCE[event.source]} ·{" "}
            <time dateTime={event.at}>{momentText(event.at, timeZone)}</time>
          </span>
        </li>
      ))}
    </ol>
  );
}

const staffText = ({ actor, actorId }: Event) =>
  actorId ? `${actor} (${holderText(actorId)})` : actor;

function whatChanged(event: Event, before: Event | undefined): string {
  if (!event.listed) return "Removed";
  if (!before?.listed) return event.blockedRecalls ? "Blocked" : "Listed, not blocked";
  if (event.blockedRecalls === before.blockedRecalls) return "Note changed";
  return event.blockedRecalls ? "Blocked" : "Unblocked";
}
