// The editor of a new or existing category: its links, its message and its steps.
import { useEffect, useRef, useState } from "react";
import { Link } from "wouter";

import { Failure } from "../../../api/errors";
import { mutate, query } from "../../../api/operations";
import {
  CategoriesDocument,
  type CategoryPartsFragment,
  SaveCategoryDocument,
} from "../../../gql/graphql";
import { type FieldProblem, problemAt } from "../../../text/problems";
import { TextField } from "../../../ui/Field";
import { Notice } from "../../../ui/Notice";
import { Switch } from "../../../ui/Switch";
import { focusTheContent } from "../../../ui/focus";
import { useAction } from "../../../ui/use-action";
import { Meanwhile } from "../Meanwhile";
import { Unsaved } from "../Unsaved";
import { differences, useDraft } from "../use-draft";
import { LinksField } from "./LinksField";
import { StepsField, type Waits } from "./StepsField";
import { TemplateField } from "./TemplateField";

type Kept = Omit<CategoryPartsFragment, "id">;
type Field = keyof Kept;

const NEW: Kept = {
  name: "",
  reasons: [],
  urgencies: [],
  smsTemplate:
    "Hi {firstName}, a reminder from {practiceName}: {reason}, due {dueDate}. " +
    "Please call {practicePhone} to book.",
  automated: false,
  steps: [],
};

/** The names that replace the API's field names in its messages. */
const LABELS: Record<Field, string> = {
  name: "The name",
  reasons: "Reasons",
  urgencies: "Urgencies",
  smsTemplate: "SMS text",
  automated: "Sending automatically",
  steps: "Steps",
};
/** The names within a sentence. */
const NAMES: Record<Field, string> = {
  name: "name",
  reasons: "reasons",
  urgencies: "urgencies",
  smsTemplate: "SMS text",
  automated: "sending automatically",
  steps: "steps",
};

interface Props {
  /** undefined for a new one. */
  category: CategoryPartsFragment | undefined;
  preferences: Waits;
  onSaved: (name: string) => void;
}

/** Edits one category, and saves it as a whole. */
export function CategoryEditor({ category, preferences, onSaved }: Props) {
  const draft = useDraft<Kept>(category ? kept(category) : NEW);
  const action = useAction();
  const [problem, setProblem] = useState<FieldProblem<Field>>();
  const form = useRef<HTMLFormElement>(null);
  useEffect(focusTheContent, []);
  useEffect(() => {
    if (problem) form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }, [problem]);
  const { value } = draft;
  const at = (field: Field) => (problem?.field === field ? problem.text : undefined);

  const save = () =>
    action.run(async () => {
      setProblem(undefined);
      if (category) await checkUnchanged(category);
      const input = { id: category?.id ?? null, ...value };
      const { saveCategory: saved } = await mutate(SaveCategoryDocument, { input });
      if (saved.__typename === "Category") onSaved(saved.name);
      else if (saved.__typename === "InvalidTemplate") {
        setProblem({ field: "smsTemplate", text: saved.message });
      } else setProblem(problemAt(saved.message, LABELS));
    });

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
      <p>
        <Link href="/setup/categories">All categories</Link>
      </p>
      <h1>{category ? category.name : "New category"}</h1>
      <Meanwhile draft={draft} names={NAMES} what="this category" />
      <section className="card">
        <TextField
          label="Name"
          hint="For staff only. Patients don’t see it."
          maxLength={500}
          autoComplete="off"
          value={value.name}
          onChange={(name) => draft.set("name", name)}
          error={at("name")}
        />
      </section>
      <section className="card stack" aria-labelledby="links-title">
        <h2 id="links-title">Which recalls</h2>
        <LinksField
          label="Reasons"
          noun="reason"
          hint="As written in your practice software (capitals don’t matter). Press Enter after each, or paste a list. A reason can be in one category only."
          values={value.reasons}
          onChange={(reasons) => draft.set("reasons", reasons)}
          error={at("reasons")}
        />
        <LinksField
          label="Urgencies"
          noun="urgency"
          hint="Used when the reason isn’t in any category."
          values={value.urgencies}
          onChange={(urgencies) => draft.set("urgencies", urgencies)}
          error={at("urgencies")}
        />
      </section>
      <section className="card stack" aria-labelledby="template-title">
        <h2 id="template-title">SMS</h2>
        <TemplateField
          value={value.smsTemplate}
          reason={value.reasons[0]}
          onChange={(template) => draft.set("smsTemplate", template)}
          error={at("smsTemplate")}
        />
      </section>
      <section className="card stack" aria-labelledby="steps-title">
        <h2 id="steps-title">Steps</h2>
        <p className="hint">
          A recall goes through these steps until your practice software says it’s completed. SMS
          steps are in To Action, calls in Calls, letters in Letters. If an SMS can’t go, the next
          call or letter takes its place.
        </p>
        <StepsField
          steps={value.steps}
          waits={preferences}
          onChange={(steps) => draft.set("steps", steps)}
          error={at("steps")}
        />
        <Switch
          label="Send the SMS steps automatically"
          hint="When off, staff send them from To Action."
          checked={value.automated}
          onChange={(automated) => draft.set("automated", automated)}
          error={at("automated")}
        />
      </section>
      <Notice>{action.error || (problem && !problem.field ? problem.text : "")}</Notice>
      <div className="buttons save-bar">
        <button type="submit" className="primary" aria-disabled={action.busy}>
          {action.busy ? "Saving…" : "Save"}
        </button>
        <Link href="/setup/categories" className="button">
          Cancel
        </Link>
      </div>
    </form>
  );
}

function kept({ name, reasons, urgencies, smsTemplate, automated, steps }: Kept): Kept {
  return { name, reasons, urgencies, smsTemplate, automated, steps };
}

/** Throw a `Failure` if somebody else has saved it since; reading it also shows their changes. */
async function checkUnchanged(category: CategoryPartsFragment): Promise<void> {
  const { categories } = await query(CategoriesDocument, {});
  const now = categories.find(({ id }) => id === category.id);
  if (!now || differences(kept(category), kept(now)).length === 0) return;
  throw new Failure(
    "Not saved: someone else has just changed this category. Check their changes above, then save again.",
  );
}
