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
        {problem && text ? "As it was last, before the error:" : "A patient would read:"}
      </figcaption>
      {text && <div className={problem ? "bubble stale" : "bubble"}>{text.body}</div>}
      <p role="status" className="quiet">
        {failure
          ? "There is no preview just now: Recalls can’t be reached."
          : text && sizeText(text)}
      </p>
      {text?.beyondGsm7 && !problem && <Beyond {...{ text, template, onReplace }} />}
    </figure>
  );
}

function sizeText({ segments, encoding }: SmsText): string {
  const [alone, together] = encoding === "GSM7" ? [160, 153] : [70, 67];
  const size = segments === 1 ? `up to ${alone} characters` : `${together} characters in each`;
  const alphabet = encoding === "GSM7" ? "plain (GSM-7)" : "Unicode (UCS-2)";
  return `${count(segments, "segment")} · ${alphabet} · ${size}. Networks bill each segment.`;
}

function Beyond({ text, template, onReplace }: { text: SmsText } & Omit<Props, "preview">) {
  const beyond = [...text.beyondGsm7];
  const inTemplate = beyond.filter((character) => template.includes(character));
  const filledIn = beyond.filter((character) => !template.includes(character));
  const replaced = inTemplate.filter((character) => character in PLAIN);
  const others = inTemplate.filter((character) => !(character in PLAIN));
  const plain = [...new Set(replaced.map((character) => PLAIN[character]))];
  const shown = plain.map((character) => (character === " " ? "a plain space" : character));
  return (
    <div className="notice notice-warning">
      <div>
        <Characters of={beyond} /> {beyond.length === 1 ? "makes" : "make"} this a Unicode message:
        70 characters a segment instead of 160.{" "}
        {filledIn.length > 0 && (
          <>
            <Characters of={filledIn} /> {filledIn.length === 1 ? "comes" : "come"} from what is
            filled in.{" "}
          </>
        )}
        {others.length > 0 && (
          <>
            There is no plain form of <Characters of={others} />.{" "}
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
            Use {shown.join(" and ")} instead
          </button>
        )}
      </div>
    </div>
  );
}

function Characters({ of }: { of: readonly string[] }) {
  return of.map((character, index) => (
    <span key={character}>
      {index > 0 && " "}
      <code>{character === "\u00a0" ? "non-breaking space" : character}</code>
    </span>
  ));
}
