// Account → Blocked Communications: blocking a number, and the list of blocked numbers.
import "../../styles/blocked.css";

import { useRef, useState } from "react";
import { flushSync } from "react-dom";

import { usePagedQuery } from "../../data/use-paged-query";
import { useRemembered } from "../../data/use-remembered";
import { useSettled } from "../../data/use-settled";
import { type BlockedEntryFragment, BlockedListDocument } from "../../gql/graphql";
import { count, mobileText } from "../../text/format";
import { TextField } from "../../ui/Field";
import { Notice } from "../../ui/Notice";
import { ShowMore } from "../../ui/ShowMore";
import { CloseIcon } from "../../ui/icons";
import { BlockForm, listedText } from "./BlockForm";
import { Entry } from "./Entry";

const PAGE = 50;

/** The Blocked Communications screen. */
export default function BlocklistPage() {
  const [typed, type] = useRemembered("blocked");
  const search = useSettled(typed.trim());
  const list = usePagedQuery(
    BlockedListDocument,
    { search: search || null, first: PAGE },
    (data) => data.blockedCommunications,
    ["BLOCKS", "RECALLS"],
  );
  const [notice, setNotice] = useState({ kind: "good" as "good" | "warning", text: "" });
  const entries = useRef<HTMLUListElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);

  const notify = (text: string, kind: typeof notice.kind = "good") => setNotice({ kind, text });

  function onGone(entry: BlockedEntryFragment, by: "you" | "others") {
    const number = mobileText(entry.mobile);
    const place = list.nodes?.indexOf(entry) ?? 0;
    flushSync(() => {
      if (by === "you") notify(`Removed ${number}. It can get recall SMS again.`);
      else notify(`Someone else has just removed ${number}.`, "warning");
      list.drop(entry);
    });
    // For keyboard users, the focus moves to the entry that took its place.
    const next = entries.current?.children[place] ?? entries.current?.lastElementChild;
    (next?.querySelector("h3") ?? heading.current)?.focus();
  }

  return (
    <>
      <h1>Blocked Communications</h1>
      <p className="quiet">
        Patients who’ve asked not to get recall SMS. A block starts straight away, for everyone who
        shares the number.
      </p>
      <BlockForm
        onTyping={() => notify("")}
        onBlocked={(entry) => {
          notify(listedText(entry), entry.blockedRecalls ? "good" : "warning");
          type("");
          list.refresh();
        }}
      />
      <div className="blocked-told">
        <Notice kind={notice.kind}>
          {notice.text && (
            <div className="row">
              {notice.text}
              <button
                type="button"
                className="plain icon"
                aria-label="Close this message"
                onClick={() => notify("")}
              >
                <CloseIcon />
              </button>
            </div>
          )}
        </Notice>
      </div>
      <section aria-labelledby="on-the-list">
        <div className="page-head">
          <h2 id="on-the-list" ref={heading} tabIndex={-1}>
            Listed numbers
          </h2>
          <p role="status" className="quiet">
            {list.nodes && found(list.total ?? 0, search)}
          </p>
        </div>
        <TextField
          className="blocked-search"
          label="Search"
          hint="Number or patient name"
          type="search"
          autoComplete="off"
          maxLength={200}
          value={typed}
          onChange={type}
        />
        {!list.nodes && list.reading && <p role="status">Loading…</p>}
        {list.nodes?.length === 0 && (
          <div className="empty">
            <p>
              {search
                ? "No matches"
                : "No numbers yet. Block one above when a patient asks. If a patient replies STOP, theirs is added here."}
            </p>
          </div>
        )}
        <ul className="blocked-list" ref={entries}>
          {list.nodes?.map((entry) => (
            <Entry
              key={entry.id}
              entry={entry}
              onChanged={(changed) => {
                notify("");
                list.put(changed);
              }}
              onGone={(by) => onGone(entry, by)}
            />
          ))}
        </ul>
        <ShowMore pages={list} of="numbers" />
      </section>
    </>
  );
}

function found(total: number, search: string): string {
  return search ? `${count(total, "number")} found` : count(total, "number");
}
