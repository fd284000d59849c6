// The next automated run: when it is, what it would send, what it wouldn't, and starting it now.
import { useState } from "react";
import { Link } from "wouter";

import { useViewer } from "../../../auth/viewer";
import { useLiveQuery } from "../../../data/use-live-query";
import { useNow } from "../../../data/use-now";
import { AutomatedRunPreviewDocument } from "../../../gql/graphql";
import { count, momentText, zoneName } from "../../../text/format";
import { untilText } from "../../../text/moments";
import { REASON } from "../../../text/words";
import { Notice } from "../../../ui/Notice";
import { Opening } from "../../../ui/Opening";
import { chargeText, overriddenText, type RunPreview, StartRunDialog } from "./StartRunDialog";

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
            Sending has started. <Link href={`/runs/${started}`}>Follow it in Sent messages</Link>
          </>
        )}
      </Notice>
      <p>Once a day, Recalls sends the SMS that are due in your automated categories.</p>
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
        No category is automated, so there’s no next run.{" "}
        <Link href="/setup/categories">Choose a category to automate</Link>
      </p>
    );
  }
  const { messages, overridden, refusals } = preview;
  const consentReason = practice.pms.consentReadable
    ? "PMS_CONSENT_WITHHELD"
    : "PMS_CONSENT_UNREADABLE";
  return (
    <>
      <section className="card" aria-labelledby="next-title">
        <h2 id="next-title">Next run</h2>
        <p className="next-run">
          <strong>{momentText(preview.nextRunAt, practice.timeZone)}</strong>{" "}
          <span className="quiet">
            {untilText(preview.nextRunAt, now)}, {zoneName(practice.timeZone)} time
          </span>
        </p>
        <p className="next-run">
          <strong>{count(messages, "SMS", "SMS")}</strong>{" "}
          <span className="quiet">{chargeText(preview)}</span>
        </p>
        {overridden > 0 && (
          <Notice kind="warning">
            {overriddenText(overridden)}{" "}
            <Link href={`/recalls/all?reason=${consentReason}`}>
              See every recall with this reason
            </Link>
          </Notice>
        )}
      </section>
      <section className="card" aria-labelledby="refused-title">
        <h2 id="refused-title">Not sent, and why</h2>
        <p>
          {refusals.length === 0
            ? "None – every recall due for an SMS can get one."
            : "Recalls due for an SMS now that can’t get one:"}
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
            They go to Calls or Letters, or stay in To Action. Each link lists every recall with
            that reason, also those not due now.
          </p>
        )}
      </section>
    </>
  );
}
