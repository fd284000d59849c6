// Tells what happens to the selection, on the screen and to screen readers.
import { useSettled } from "../../data/use-settled";
import { count } from "../../text/format";
import { countText } from "./SelectionBar";
import { summaryText } from "./summary";
import type { Selection } from "./use-selection";
import type { Preview } from "./use-send-preview";

/** Milliseconds without a change before it is read out. */
const PAUSE = 500;

interface Props {
  selection: Selection;
  preview: Preview;
  /** How many recalls match; null until the API has answered. */
  total: number | null;
}

/** The notices above the bar. Its regions are always there, so that what they say is heard. */
export function SelectionTold({ selection, preview, total }: Props) {
  const { recalls, gathering, left } = selection;
  const heard = useSettled(
    recalls.size ? `${countText(selection)}. ${summaryText(preview, recalls)}` : "",
    PAUSE,
  );
  return (
    <>
      <p role="status" className="unseen">
        {heard}
      </p>
      <div role="status">
        {gathering !== null && (
          <p className="bar">
            Selecting {gathering.toLocaleString("en-AU")}
            {total === null ? "" : ` of ${total.toLocaleString("en-AU")}`}…
          </p>
        )}
        {left > 0 && (
          <p className="bar bar-left">
            {count(left, "recall")} left the list, so {left === 1 ? "it isn’t" : "they aren’t"}{" "}
            selected any more.
          </p>
        )}
      </div>
    </>
  );
}
