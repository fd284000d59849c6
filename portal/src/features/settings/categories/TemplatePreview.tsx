// A template as a patient would read it, its size, and the characters that make it larger.
import { count } from "../../../text/format";
import type { SmsText, TemplatePreview as Preview } from "./use-template-preview";

/** Plain characters, in the GSM-7 alphabet, for those that word processors put in their place. */
const PLAIN: Readonly<Record<string, string>> = {
  "’": "'",
  "‘": "'",
  "´": "'",
  "`": "'",
  "“": '"',
  "”": '"',
  "–": "-",
  "—": "-",
  "•": "-",
  "…": "...",
  "\u00a0": " ",
};

interface Props {
  preview: Preview;
  template: string;
  /** Replaces the template's text. */
  onReplace: (text: string) => void;
}

/** The preview, with an offer to use plain characters instead of others. */
export function TemplatePreview({ preview, template, onReplace }: Props) {
  const { text, problem, failure } = preview;
  return (
    <figure className="template-preview" aria-label="Preview of the SMS">
      <figcaption className="quiet">
        {problem && text ? "Last version that works" : "Preview"}
      </figcaption>
      {text && <div className={problem ? "bubble stale" : "bubble"}>{text.body}</div>}
      <p role="status" className="quiet">
        {failure ? "No preview: we can’t reach the server." : text && sizeText(text)}
      </p>
      {text?.beyondGsm7 && !problem && <Beyond {...{ text, template, onReplace }} />}
    </figure>
  );
}

/** Plain characters that take the room of two. */
const DOUBLE = /[\^{}\\[\]~|€\f]/g;

/** Return the size and the room left: "1 SMS · 108 of 160 characters". */
function sizeText({ body, segments, encoding }: SmsText): string {
  const [alone, together] = encoding === "GSM7" ? [160, 153] : [70, 67];
  const doubled = encoding === "GSM7" ? (body.match(DOUBLE)?.length ?? 0) : 0;
  const room = segments === 1 ? alone : together * segments;
  const sms = segments === 1 ? "1 SMS" : `Charged as ${count(segments, "SMS", "SMS")}`;
  return `${sms} · ${body.length + doubled} of ${room} characters`;
}

function Beyond({ text, template, onReplace }: { text: SmsText } & Omit<Props, "preview">) {
  const beyond = [...text.beyondGsm7];
  const inTemplate = beyond.filter((character) => template.includes(character));
  const filledIn = beyond.filter((character) => !template.includes(character));
  const replaced = inTemplate.filter((character) => character in PLAIN);
  const others = inTemplate.filter((character) => !(character in PLAIN));
  return (
    <div className="notice notice-warning">
      <div>
        <Characters of={beyond} /> {beyond.length === 1 ? "makes" : "make"} this SMS dearer (70
        characters each instead of 160).{" "}
        {filledIn.length > 0 && (
          <>
            <Characters of={filledIn} /> {filledIn.length === 1 ? "comes" : "come"} from what’s
            filled in.{" "}
          </>
        )}
        {others.length > 0 && (
          <>
            Remove <Characters of={others} /> yourself.{" "}
          </>
        )}
        {replaced.length > 0 && (
          <button
            type="button"
            className="link"
            onClick={() =>
              onReplace([...template].map((character) => PLAIN[character] ?? character).join(""))
            }
          >
            Replace {replaced.map(shown).join(" and ")}
          </button>
        )}
      </div>
    </div>
  );
}

const shown = (character: string) => (character === "\u00a0" ? "non-breaking space" : character);

function Characters({ of }: { of: readonly string[] }) {
  return of.map((character, index) => (
    <span key={character}>
      {index > 0 && " "}
      <code>{shown(character)}</code>
    </span>
  ));
}
