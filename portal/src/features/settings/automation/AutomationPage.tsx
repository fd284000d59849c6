// The next automated run: when it is, what it would send, what it wouldn't, and starting it now.
import { useState } from "react";
import { Link } from "wouter";

import { useViewer } from "../../../auth/viewer";
import { useLiveQuery } from "../../../data/use-live-query";
import { useNow } from "../../../data/use-now";
import { AutomatedRunPreviewDocument } from "../../../gql/graphql";
import { count, momentText } from "../../../text/format";
import { untilText } from "../../../text/moments";
import { REASON } from "../../../text/words";
import { Notice } from "../../../ui/Notice";
import { Opening } from "../../../ui/Opening";
import { type RunPreview, StartRunDialog } from "./StartRunDialog";

/** The automated runs screen. */
export function AutomationPage() {
  const kinds = ["BLOCKS", "RECALLS", "RUNS", "SETUP"] as const;
  const live = useLiveQuery(AutomatedRunPreviewDocument, {}, kinds);
  const [starting, setStarting] = useState(false);
  const [started, setStarted] = useState("");
  const preview = live.data?.automatedRunPreview;
  return (
    <>
      <div className="page-head">
        <h1>Automated runs</h1>
        {preview?.nextRunAt && (
          <button
            type="button"
            onClick={() => {
              setStarted("");
              setStarting(true);
            }}
          >
            Start a run now…
          </button>
        )}
      </div>
      <Notice kind="good">
        {started && (
          <>
            The run has started. <Link href={`/runs/${started}`}>See how it goes</Link>
          </>
        )}
      </Notice>
      <p>
        Once a day, a run sends the SMS step of every recall that is due for one, in the categories
        that are automated.
      </p>
      {preview ? <NextRun preview={preview} /> : <Opening live={live} />}
      {starting && preview && (
        <StartRunDialog
          preview={preview}
          onClose={() => setStarting(false)}
          onStarted={(run) => {
            setStarting(false);
            setStarted(run);
          }}
        />
      )}
    </>
  );
}

function NextRun({ preview }: { preview: RunPreview }) {
  const { practice } = useViewer();
  const now = useNow();
  if (!preview.nextRunAt) {
    return (
      <p className="card">
        No category is automated, so there is no next run.{" "}
        <Link href="/setup/categories">Choose a category to automate</Link>
      </p>
    );
  }
  const { messages, recalls, segments, overridden, refusals } = preview;
  return (
    <>
      <section className="card" aria-labelledby="next-title">
        <h2 id="next-title">The next run</h2>
        <p className="next-run">
          <strong>{momentText(preview.nextRunAt, practice.timeZone)}</strong>{" "}
          <span className="quiet">
            {untilText(preview.nextRunAt, now)}, {practice.timeZone.replaceAll("_", " ")} time
          </span>
        </p>
        <p>As things stand, it would send:</p>
        <ul className="run-numbers">
          <Figure of={count(messages, "message")} />
          <Figure of={count(recalls, "recall in them", "recalls in them")} />
          <Figure of={count(segments, "segment")} />
        </ul>
        {overridden > 0 && (
          <p>
            {count(overridden, "of the messages goes", "of the messages go")} although SMS consent
            is withheld or can’t be read: automation sends, staff are asked first.
          </p>
        )}
      </section>
      <section className="card" aria-labelledby="refused-title">
        <h2 id="refused-title">Not sent, and why</h2>
        <p>
          {refusals.length === 0
            ? "Nothing: every recall that is due for an SMS can get one."
            : "Recalls that are due for an SMS and can’t get one:"}
        </p>
        <ul className="refusals">
          {refusals.map(({ reason, count: number }) => (
            <li key={reason}>
              <span className="number">{number.toLocaleString("en-AU")}</span>{" "}
              <Link href={`/recalls/all?reason=${reason}`}>{REASON[reason]}</Link>
            </li>
          ))}
        </ul>
        {refusals.length > 0 && (
          <p className="hint">
            They move on to their next call or letter; without one they stay in To Action.
          </p>
        )}
      </section>
    </>
  );
}

/** For example "3 messages", with a large number. */
function Figure({ of }: { of: string }) {
  const [number, ...words] = of.split(" ");
  return (
    <li>
      <strong className="number">{number}</strong> {words.join(" ")}
    </li>
  );
}
