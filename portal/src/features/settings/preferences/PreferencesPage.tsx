// When patients are contacted: after how many days, and within which hours.
import { useEffect, useRef, useState } from "react";

import { mutate } from "../../../api/operations";
import { useViewer } from "../../../auth/viewer";
import { useLiveQuery } from "../../../data/use-live-query";
import {
  PreferencesDocument,
  type PreferencesQuery,
  type SavePreferencesInput,
  SavePreferencesDocument,
} from "../../../gql/graphql";
import { zoneName } from "../../../text/format";
import { type FieldProblem, problemAt } from "../../../text/problems";
import { TextField } from "../../../ui/Field";
import { Notice } from "../../../ui/Notice";
import { Opening } from "../../../ui/Opening";
import { useAction } from "../../../ui/use-action";
import { Meanwhile } from "../Meanwhile";
import { Unsaved } from "../Unsaved";
import { useDraft } from "../use-draft";

type Field = keyof PreferencesQuery["practice"]["preferences"];
type Typed = Record<Field, string>;

const DAYS = [
  [
    "firstContactDays",
    "First contact (days before it’s due)",
    "Until then the recall waits. Then it comes into To Action.",
  ],
  [
    "smsRepeatDays",
    "Wait after an SMS (days)",
    "If it isn’t completed by then, the recall is back for its next step.",
  ],
  [
    "phoneRepeatDays",
    "Wait after a call (days)",
    "If it isn’t completed by then, the recall is back for its next step.",
  ],
  [
    "letterRepeatDays",
    "Wait after a letter (days)",
    "If it isn’t completed by then, the recall is back for its next step.",
  ],
] as const satisfies readonly (readonly [Field, string, string])[];

const HOURS = [
  ["sendFrom", "Send automatically from", "The daily run starts at this time."],
  [
    "sendUntil",
    "Send automatically until",
    "Anything not sent by then waits for the next day. Staff can send at any time.",
  ],
] as const satisfies readonly (readonly [Field, string, string])[];

const LABELS = Object.fromEntries(
  [...DAYS, ...HOURS].map(([field, label]) => [field, `“${label}”`]),
) as Typed;

/** The preferences screen. */
export function PreferencesPage() {
  const live = useLiveQuery(PreferencesDocument, {}, ["SETUP"]);
  return (
    <>
      <h1>Preferences</h1>
      {live.data ? (
        <PreferencesForm preferences={live.data.practice.preferences} onSaved={live.refresh} />
      ) : (
        <Opening live={live} />
      )}
    </>
  );
}

interface Props {
  preferences: PreferencesQuery["practice"]["preferences"];
  onSaved: () => void;
}

function PreferencesForm({ preferences, onSaved }: Props) {
  const { practice } = useViewer();
  const draft = useDraft<Typed>(asTyped(preferences));
  const action = useAction();
  const [problem, setProblem] = useState<FieldProblem<Field>>();
  const [notice, setNotice] = useState("");
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (problem) form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }, [problem]);

  const save = () =>
    action.run(async () => {
      setProblem(undefined);
      setNotice("");
      if (!draft.changed.length) {
        setNotice("No changes");
        return;
      }
      const input: { -readonly [Name in Field]?: SavePreferencesInput[Name] } = {};
      for (const field of draft.changed) {
        const typed = draft.value[field].trim();
        if (field === "sendFrom" || field === "sendUntil") input[field] = typed;
        else if (/^\d+$/.test(typed)) input[field] = Number(typed);
        else {
          setProblem({ field, text: "Enter a whole number, such as 3." });
          return;
        }
      }
      const { savePreferences: saved } = await mutate(SavePreferencesDocument, { input });
      if (saved.__typename === "InvalidPreferences") {
        setProblem(problemAt(saved.message, LABELS));
        return;
      }
      onSaved();
      setNotice("Saved");
    });

  const field = (name: Field, label: string, hint: string) => (
    <TextField
      key={name}
      label={label}
      hint={hint}
      className="short"
      {...(name === "sendFrom" || name === "sendUntil"
        ? { type: "time" }
        : { inputMode: "numeric", maxLength: 3 })}
      autoComplete="off"
      value={draft.value[name]}
      onChange={(typed) => {
        setNotice("");
        draft.set(name, typed);
      }}
      error={problem?.field === name ? problem.text : undefined}
    />
  );
  return (
    <form
      ref={form}
      noValidate
      className="editor"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Unsaved unsaved={draft.changed.length > 0} />
      <Meanwhile draft={draft} names={LABELS} what="the preferences" />
      <section className="card stack" aria-labelledby="days-title">
        <h2 id="days-title">Days</h2>
        <p className="hint">
          Calendar days: with 3 days, an SMS sent on Monday comes back on Thursday.
        </p>
        {DAYS.map(([name, label, hint]) => field(name, label, hint))}
      </section>
      <section className="card stack" aria-labelledby="hours-title">
        <h2 id="hours-title">Hours</h2>
        <p className="hint">{zoneName(practice.timeZone)} time</p>
        {HOURS.map(([name, label, hint]) => field(name, label, hint))}
      </section>
      <Notice>{action.error || (problem && !problem.field ? problem.text : "")}</Notice>
      <Notice kind="good">{notice}</Notice>
      <div className="buttons save-bar">
        <button type="submit" className="primary" aria-disabled={action.busy}>
          {action.busy ? "Saving…" : "Save"}
        </button>
      </div>
    </form>
  );
}

function asTyped(preferences: Props["preferences"]): Typed {
  const fields = Object.keys(LABELS) as Field[];
  return Object.fromEntries(fields.map((field) => [field, String(preferences[field])])) as Typed;
}
