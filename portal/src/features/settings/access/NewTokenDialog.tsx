// Makes an access token, and shows its secret once.
import { useRef, useState } from "react";

import { mutate } from "../../../api/operations";
import { CreateTokenDocument, type Role } from "../../../gql/graphql";
import { type FieldProblem, problemAt } from "../../../text/problems";
import { ROLE } from "../../../text/words";
import { Dialog } from "../../../ui/Dialog";
import { Checkbox, SelectField, TextField } from "../../../ui/Field";
import { Notice } from "../../../ui/Notice";
import { useAction } from "../../../ui/use-action";
import { PERMISSIONS } from "./Roles";

type Field = "name" | "expiresInDays";
const LABELS: Record<Field, string> = { name: "The name", expiresInDays: "The number of days" };
const ROLES = (Object.keys(PERMISSIONS) as Role[]).map((role) => [role, ROLE[role]] as const);

interface Props {
  /** Called when the token is made, while its secret is still on the screen. */
  onMade: () => void;
  /** Called with the token's name; "" if none was made. */
  onClose: (name: string) => void;
}

/** Asks for a token's name, role and expiry, makes it, and shows its secret. */
export function NewTokenDialog({ onMade, onClose }: Props) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("RECEPTIONIST");
  const [days, setDays] = useState("90");
  const [never, setNever] = useState(false);
  const [problem, setProblem] = useState<FieldProblem<Field>>();
  const [made, setMade] = useState<{ name: string; secret: string }>();
  const action = useAction();
  const at = (field: Field) => (problem?.field === field ? problem.text : undefined);
  const make = () =>
    action.run(async () => {
      setProblem(undefined);
      if (!never && !/^\d+$/.test(days.trim())) {
        setProblem({ field: "expiresInDays", text: "Enter a whole number of days, such as 90." });
        return;
      }
      const input = { name, role, expiresInDays: never ? null : Number(days) };
      const { createToken: created } = await mutate(CreateTokenDocument, { input });
      if (created.__typename === "InvalidToken") {
        // The API's null is this form's “Never” box, so the message needn't mention it.
        setProblem(problemAt(created.message.replace(", or null", ""), LABELS));
        return;
      }
      setMade({ name: created.accessToken.name, secret: created.secret });
      onMade();
    });
  if (made) return <Secret {...made} onClose={() => onClose(made.name)} />;
  // It stays open while the token is being made, because the secret appears in it.
  const close = () => action.busy || onClose("");
  return (
    <Dialog title="New access token" onClose={close}>
      <form
        noValidate
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <TextField
          label="Who is it for?"
          hint="A person’s name, or your practice software’s. It shows in the audit trail."
          maxLength={200}
          autoComplete="off"
          autoFocus
          value={name}
          onChange={setName}
          error={at("name")}
        />
        <SelectField
          label="Role"
          hint={PERMISSIONS[role]}
          value={role}
          onChange={setRole}
          options={ROLES}
        />
        <TextField
          label="Days until it expires"
          hint="From 1 to 3650"
          className="short"
          inputMode="numeric"
          maxLength={4}
          disabled={never}
          value={days}
          onChange={setDays}
          error={at("expiresInDays")}
        />
        <Checkbox label="Never expires" checked={never} onChange={setNever} />
        <Notice>{action.error || (problem && !problem.field ? problem.text : "")}</Notice>
        <div className="buttons">
          <button type="submit" className="primary" aria-disabled={action.busy}>
            {action.busy ? "Creating…" : "Create token"}
          </button>
          <button type="button" onClick={close}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Secret({ name, secret, onClose }: { name: string; secret: string; onClose: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState("");
  const [warned, setWarned] = useState(false);
  async function copy() {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(secret);
      setCopied("Copied.");
    } catch {
      // No clipboard access: the person copies the selected text by keyboard.
      setCopied("Selected – press Ctrl+C (⌘C on a Mac) to copy.");
    }
  }
  return (
    <Dialog
      title={`Token for ${name}`}
      role="alertdialog"
      onClose={() => (copied ? onClose() : setWarned(true))}
    >
      <p>
        <strong>Copy it now – you won’t see it again.</strong> Give it only to {name}, not by email.
      </p>
      <div className="field">
        <label htmlFor="secret">Access token</label>
        <div className="row add-row">
          <input
            id="secret"
            ref={field}
            readOnly
            autoFocus
            className="secret"
            value={secret}
            onFocus={(event) => event.target.select()}
            // Copying by keyboard counts as well.
            onCopy={() => setCopied("Copied.")}
          />
          <button type="button" className="primary" onClick={() => void copy()}>
            Copy
          </button>
        </div>
      </div>
      <p role="status">{copied}</p>
      <Notice kind="warning">
        {warned && !copied && "You haven’t copied it yet, and you won’t see it again."}
      </Notice>
      <div className="buttons">
        <button type="button" onClick={onClose}>
          {copied ? "Done" : "Close without copying"}
        </button>
      </div>
    </Dialog>
  );
}
