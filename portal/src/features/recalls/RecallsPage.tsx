// The recall list that receptionists work through: tabs, filters, the list and its actions.
import { useCallback, useState } from "react";
import { useSearchParams } from "wouter";

import { errorText, messageOf } from "../../api/errors";
import { useLiveQuery } from "../../data/use-live-query";
import { useRemembered } from "../../data/use-remembered";
import { RecallCountsDocument } from "../../gql/graphql";
import { count } from "../../text/format";
import { Notice } from "../../ui/Notice";
import { CloseDialog } from "./CloseDialog";
import { ConsentDialog } from "./ConsentDialog";
import { ContactDialog } from "./ContactDialog";
import { Filters } from "./Filters";
import { KeysDialog } from "./KeysDialog";
import { RecallDrawer } from "./RecallDrawer";
import { RecallTable } from "./RecallTable";
import { RecallTabs, totalOf } from "./RecallTabs";
import { SelectionBar } from "./SelectionBar";
import { useShown } from "./filter";
import type { Selected } from "./selection";
import { useRecallList } from "./use-recall-list";
import { useSelection } from "./use-selection";
import { useSendPreview } from "./use-send-preview";
import { useSending } from "./use-sending";

type Doing = { what: "PHONE" | "LETTER" | "CLOSE"; recalls: readonly Selected[] };

/** Move the focus past the filters, to the row that the keyboard is at. */
const toList = () => document.querySelector<HTMLElement>("[data-index][tabindex='0']")?.focus();

/** The recalls screen. */
export function RecallsPage() {
  const [words, setWords] = useRemembered("recalls");
  const shown = useShown(words);
  const [address, setAddress] = useSearchParams();
  const list = useRecallList(shown);
  const counts = useLiveQuery(RecallCountsDocument, { filter: shown.filter }, [
    "RECALLS",
    "BLOCKS",
    "SETUP",
  ]);
  const total = totalOf(counts.data, shown);
  const selection = useSelection(shown, list.rows);
  const preview = useSendPreview(selection.recalls);
  const sending = useSending(selection.recalls, selection.leaveOut);
  const [doing, setDoing] = useState<Doing | null>(null);
  const [keys, setKeys] = useState(false);
  const [selectError, setSelectError] = useState("");
  const opened = address.get("recall");

  const open = useCallback(
    (recall: { id: string } | null) =>
      setAddress(
        (before) => {
          const after = new URLSearchParams(before);
          if (recall) after.set("recall", recall.id);
          else after.delete("recall");
          return after;
        },
        { replace: recall === null },
      ),
    [setAddress],
  );

  const selectAll = () => {
    setSelectError("");
    selection.selectAll().catch((thrown: unknown) => setSelectError(messageOf(thrown)));
  };
  const chosen = [...selection.recalls.values()];
  const act = (key: "s" | "c" | "l" | "n", at: Selected | undefined) => {
    if (key === "s") {
      if (chosen.length && preview.sendable) sending.start();
      return;
    }
    const recalls = chosen.length ? chosen : at ? [at] : [];
    const what = ({ c: "PHONE", l: "LETTER", n: "CLOSE" } as const)[key];
    if (recalls.length) setDoing({ what, recalls });
  };

  /** Deselect recalls that were dealt with, and close the open one if it is among them. */
  const done = (ids: readonly string[]) => {
    selection.leaveOut(ids);
    if (opened && ids.includes(opened)) open(null);
  };

  const error = list.error || (counts.error && errorText(counts.error)) || "";
  const empty = list.complete && !list.changing && list.rows.length === 0;
  return (
    <>
      <button type="button" className="skip" onClick={toList}>
        Skip to the list
      </button>
      <div className="page-head">
        <h1>Recalls</h1>
        <button type="button" className="plain for-keyboards" onClick={() => setKeys(true)}>
          Keyboard
        </button>
      </div>
      <RecallTabs counts={counts.data} shown={shown} />
      <Filters words={words} onSearch={setWords} />
      <Notice>{error}</Notice>
      <Notice>{selectError}</Notice>
      <p role="status" className="unseen">
        {total !== null && !list.changing && `${count(total, "recall")} in this list`}
      </p>
      {empty ? (
        <div className="empty">
          <p>{shown.filtered ? "No recall matches the filter." : "Nothing to do here just now."}</p>
        </div>
      ) : (
        <RecallTable
          list={list}
          total={total}
          selection={selection}
          actions={{ open, selectAll, act }}
        />
      )}
      {selection.gathering !== null && (
        <p role="status" className="bar">
          Selecting all that match: {count(selection.gathering, "recall")}…
        </p>
      )}
      {selection.recalls.size > 0 && selection.gathering === null && (
        <SelectionBar
          selection={selection}
          preview={preview}
          sending={sending}
          onContact={(what) => setDoing({ what, recalls: chosen })}
          onCloseRecalls={() => setDoing({ what: "CLOSE", recalls: chosen })}
        />
      )}
      <ConsentDialog sending={sending} drafts={preview.drafts} />
      {opened && !doing && (
        <RecallDrawer
          id={opened}
          onClose={() => open(null)}
          onAct={(recall, what) => setDoing({ what, recalls: [recall] })}
        />
      )}
      {doing && doing.what !== "CLOSE" && (
        <ContactDialog
          kind={doing.what}
          recalls={doing.recalls}
          onClose={() => setDoing(null)}
          onRecorded={done}
        />
      )}
      {doing?.what === "CLOSE" && (
        <CloseDialog recalls={doing.recalls} onClose={() => setDoing(null)} onClosed={done} />
      )}
      {keys && <KeysDialog onClose={() => setKeys(false)} />}
    </>
  );
}
