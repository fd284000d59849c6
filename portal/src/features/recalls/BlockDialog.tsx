// Blocks a patient's number from where the patient is, after saying whom else it reaches.
import { Failure } from "../../api/errors";
import { mutate } from "../../api/operations";
import { useLiveQuery } from "../../data/use-live-query";
import {
  BlockMobileDocument,
  CheckMobileDocument,
  RemoveBlockedMobileDocument,
  SetBlockedRecallsDocument,
} from "../../gql/graphql";
import { count, mobileText, namesText } from "../../text/format";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { showToast } from "../../ui/toasts";

interface Props {
  /** E.164. */
  mobile: string;
  onClose: () => void;
  onBlocked: () => void;
}

/** Asks whether to block the number, with 'Blocked Recalls' ticked, and does so. */
export function BlockDialog({ mobile, onClose, onBlocked }: Props) {
  const { data } = useLiveQuery(CheckMobileDocument, { mobile }, ["BLOCKS", "RECALLS"]);
  const known = data?.checkMobile.__typename === "MobileCheck" ? data.checkMobile : null;
  const number = mobileText(mobile);
  async function block() {
    const listed = known?.blockedCommunication != null;
    const { blockMobile: result } = await mutate(BlockMobileDocument, {
      input: { mobile, blockedRecalls: true, note: null },
    });
    if (result.__typename !== "BlockedCommunication") throw new Failure(result.message);
    const gone = result.alreadyHandedOver;
    showToast(
      `${number} is blocked – no more recall SMS${
        gone
          ? ` (${count(gone, "SMS", "SMS")} went out in the last 24 hours and can’t be taken back)`
          : ""
      }`,
      () => unblock(mobile, listed),
    );
    onBlocked();
  }
  return (
    <ConfirmDialog
      title={`Block ${number}?`}
      cancel="Cancel"
      onCancel={onClose}
      confirm="Block"
      confirming="Blocking…"
      onConfirm={block}
    >
      <p>
        {known?.patients.length
          ? `${namesText(known.patients)} won’t get recall SMS on this number any more.`
          : "Nobody gets recall SMS on this number any more."}{" "}
        A block starts straight away. Their recalls move on to a call or a letter.
      </p>
    </ConfirmDialog>
  );
}

/** Take the block back: the entry too, unless the number was on the list before. */
async function unblock(mobile: string, listed: boolean): Promise<void> {
  const result = listed
    ? (await mutate(SetBlockedRecallsDocument, { input: { mobile, blocked: false } }))
        .setBlockedRecalls
    : (await mutate(RemoveBlockedMobileDocument, { input: { mobile } })).removeBlockedMobile;
  if (result.__typename === "InvalidMobile") throw new Failure(result.message);
}
