// A category's SMS template: the text with its placeholders, and how a patient would see it.
import { useRef } from "react";

import { TextArea } from "../../../ui/Field";
import { TemplatePreview } from "./TemplatePreview";
import { useTemplatePreview } from "./use-template-preview";

const PLACEHOLDERS = [
  ["{firstName}", "First name"],
  ["{practiceName}", "Practice name"],
  ["{reason}", "Reason"],
  ["{dueDate}", "Due date"],
  ["{practicePhone}", "Practice phone"],
] as const;

/** Insert text into the textarea as if it were typed, so that Ctrl+Z undoes it. */
function type(into: HTMLTextAreaElement, text: string): void {
  into.focus();
  // Deprecated, but the only way that browsers can undo.
  if (document.execCommand("insertText", false, text)) return;
  into.setRangeText(text, into.selectionStart, into.selectionEnd, "end");
  into.dispatchEvent(new Event("input", { bubbles: true }));
}

interface Props {
  value: string;
  /** The reason that the preview shows. */
  reason: string | undefined;
  error: string | undefined;
  onChange: (value: string) => void;
}

/** Edits the template beside its preview. */
export function TemplateField({ value, reason, error, onChange }: Props) {
  const area = useRef<HTMLTextAreaElement>(null);
  const preview = useTemplatePreview(value, reason);
  const insert = (text: string) => area.current && type(area.current, text);
  return (
    <div className="template-editor">
      <div className="stack">
        <TextArea
          label="SMS text"
          hint="Words in {brackets} are filled in for each patient."
          error={preview.problem || error}
          rows={6}
          value={value}
          onChange={onChange}
          textAreaRef={area}
        />
        <div role="group" aria-label="Insert at the cursor" className="row">
          <span className="quiet" aria-hidden="true">
            Insert:
          </span>
          {PLACEHOLDERS.map(([placeholder, name]) => (
            <button key={placeholder} type="button" onClick={() => insert(placeholder)}>
              {name}
            </button>
          ))}
        </div>
      </div>
      <TemplatePreview
        preview={preview}
        template={value}
        onReplace={(text) => {
          area.current?.select();
          insert(text);
        }}
      />
    </div>
  );
}
