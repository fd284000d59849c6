// The recall list that receptionists work through: tabs, filters, the list and its actions.
import { useState } from "react";
import { useSearchParams } from "wouter";

import { errorText, messageOf } from "../../api/errors";
import { useLiveQuery } from "../../data/use-live-query";
import { useRemembered } from "../../data/use-remembered";
import { RecallCountsDocument } from "../../gql/graphql";
import { Notice } from "../../ui/Notice";
import { BlockDialog } from "./BlockDialog";
import { CloseDialog } from "./CloseDialog";
import { ConsentDialog } from "./ConsentDialog";
import { ContactDialog } from "./ContactDialog";
import { EmptyList } from "./EmptyList";
import { clearFilters, Filters } from "./Filters";
import { PrintSheet } from "./PrintSheet";
import { RecallDrawer } from "./RecallDrawer";
import { RecallTable } from "./RecallTable";
import { RecallTabs, totalOf } from "./RecallTabs";
import { SelectionBar } from "./SelectionBar";
import { SelectionTold } from "./SelectionTold";
import { useShown } from "./filter";
import { type Contact, fitFor } from "./recall-facts";
import type { Selected } from "./selection";
import { useOpened } from "./use-opened";
import { usePrinting } from "./use-printing";
import { useRecallList } from "./use-recall-list";
import { useSelection } from "./use-selection";
import { useSendPreview } from "./use-send-preview";
import { useSending } from "./use-sending";

interface Doing {
  readonly what: Contact;
  readonly recalls: readonly Selected[];
  /** How many of the selected it isn't done for. */
  readonly leftOut: number;
}

const WHAT = { c: "PHONE", l: "LETTER", n: "CLOSE" } as const;

/** Move the focus past the filters, to the row that the keyboard is at. */
const toList = () => document.querySelector<HTMLElement>("[data-index][tabindex='0']")?.focus();

/** The recalls screen. */
export function RecallsPage() {
  const [words, setWords] = useRemembered("recalls");
  const shown = useShown(words);
  const [, setAddress] = useSearchParams();
  const list = useRecallList(shown);
  const counts = useLiveQuery(RecallCountsDocument, { filter: shown.filter }, [
    "RECALLS",
    "BLOCKS",
    "SETUP",
  ]);
  const total = totalOf(counts.data?.recallCounts, shown);
  const selection = useSelection(shown, list);
  const preview = useSendPreview(selection.recalls);
  const sending = useSending(selection.recalls, selection.leaveOut);
  const opened = useOpened();
  const printing = usePrinting(shown, list.rows);
  const [doing, setDoing] = useState<Doing | null>(null);
  const [blocking, setBlocking] = useState("");
  const [loadError, setLoadError] = useState("");

  const load = (work: Promise<void>) => {
    setLoadError("");
    work.catch((thrown: unknown) => setLoadError(messageOf(thrown)));
  };
  const begin = (what: Contact, wanted: readonly Selected[]) => {
    const recalls = fitFor(what, wanted);
    if (recalls.length) setDoing({ what, recalls, leftOut: wanted.length - recalls.length });
  };
  const chosen = [...selection.recalls.values()];
  const act = (key: "s" | "c" | "l" | "n", at: Selected) => {
    if (key !== "s") begin(WHAT[key], chosen.length ? chosen : [at]);
    else if (chosen.length && preview.sendable) sending.start();
  };
  /** Deselect recalls that were dealt with, and close the open one if it is among them. */
  const done = (ids: readonly string[]) => {
    if (!ids.length) return;
    selection.leaveOut(ids);
    // In All and Waiting they stay.
    if (shown.tab !== "ALL" && shown.tab !== "WAITING") list.drop(ids);
    if (opened.id && ids.includes(opened.id)) opened.close();
  };
  const clear = () => {
    setWords("");
    clearFilters(setAddress);
  };

  const error = list.error || (counts.error && errorText(counts.error)) || "";
  const empty = list.complete && !list.changing && list.rows.length === 0;
  return (
    <div className="recalls">
      <button type="button" className="skip" onClick={toList}>
        Skip to list
      </button>
      <div className="recalls-head">
        <h1>Recalls</h1>
        <RecallTabs counts={counts.data?.recallCounts} shown={shown} />
        <div className="recalls-tools">
          <button type="button" className="plain" onClick={() => load(printing.print())}>
            Print
          </button>
        </div>
      </div>
      <Filters words={words} onSearch={setWords} onClear={clear} />
      <Notice>{error}</Notice>
      <Notice>{loadError}</Notice>
      {empty ? (
        <EmptyList shown={shown} counts={counts.data?.recallCounts} onClear={clear} />
      ) : (
        <RecallTable
          list={list}
          total={total}
          selection={selection}
          actions={{
            open: opened.open,
            selectAll: () => load(selection.selectAll()),
            act,
            contact: (what, recall) => begin(what, [recall]),
          }}
        />
      )}
      <div className="bar-place">
        <SelectionTold selection={selection} preview={preview} total={total} />
        {selection.recalls.size > 0 && selection.gathering === null && (
          <SelectionBar
            tab={shown.tab}
            selection={selection}
            preview={preview}
            sending={sending}
            onAct={(what) => begin(what, chosen)}
          />
        )}
      </div>
      <ConsentDialog sending={sending} drafts={preview.drafts} />
      {blocking && (
        <BlockDialog
          mobile={blocking}
          onClose={() => setBlocking("")}
          onBlocked={() => setBlocking("")}
        />
      )}
      {opened.id && !doing && !blocking && (
        <RecallDrawer
          id={opened.id}
          onClose={opened.close}
          onBlock={setBlocking}
          onAct={(recall, what) => begin(what, [recall])}
        />
      )}
      {doing && doing.what !== "CLOSE" && (
        <ContactDialog
          tab={shown.tab}
          kind={doing.what}
          recalls={doing.recalls}
          leftOut={doing.leftOut}
          onClose={() => setDoing(null)}
          onRecorded={done}
        />
      )}
      {doing?.what === "CLOSE" && (
        <CloseDialog recalls={doing.recalls} onClose={() => setDoing(null)} onClosed={done} />
      )}
      {printing.rows && <PrintSheet shown={shown} rows={printing.rows} total={total} />}
    </div>
  );
}
