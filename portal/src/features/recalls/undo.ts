// Takes back what staff recorded or closed by mistake.
import { Failure } from "../../api/errors";
import { mutate } from "../../api/operations";
import { ReopenRecallsDocument, UndoContactsDocument } from "../../gql/graphql";

/** The most that one call takes. */
const MOST = 1000;

/** Undo calls or letters; throws a `Failure`. */
export async function undoContacts(attempts: readonly string[]): Promise<void> {
  for (const attemptIds of cut(attempts)) {
    const { undoContactAttempts: result } = await mutate(UndoContactsDocument, {
      input: { attemptIds },
    });
    if (result.__typename !== "Undone") throw new Failure(result.message);
  }
}

/** Reopen recalls that need no further action; throws a `Failure`. */
export async function reopenRecalls(recalls: readonly string[]): Promise<void> {
  for (const recallIds of cut(recalls)) {
    const { reopenRecalls: result } = await mutate(ReopenRecallsDocument, {
      input: { recallIds },
    });
    if (result.__typename !== "Reopened") throw new Failure(result.message);
  }
}

function* cut(ids: readonly string[]): Generator<string[]> {
  for (let from = 0; from < ids.length; from += MOST) yield ids.slice(from, from + MOST);
}
