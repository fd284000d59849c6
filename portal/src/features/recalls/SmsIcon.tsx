// A recall's mobile icon: its shape and the rule's text say whether an SMS may go.
import type { SmsStatusPartsFragment } from "../../gql/graphql";
import { Tip } from "../../ui/Tip";
import { MobileAskIcon, MobileBlockedIcon, MobileIcon } from "../../ui/icons";

interface Props {
  status: SmsStatusPartsFragment;
  /** The patient's name. */
  of: string;
  /** Whether Tab reaches it. */
  reachable?: boolean;
  onPress?: () => void;
}

const CAN = "Can be sent by SMS";

export function SmsIcon({ status, of, reachable = true, onPress }: Props) {
  const tip = status.message ?? CAN;
  const [kind, what, Icon] = !status.blocked
    ? (["can", "SMS", MobileIcon] as const)
    : status.overridable
      ? (["ask", "SMS, you’ll be asked", MobileAskIcon] as const)
      : (["blocked", "SMS blocked", MobileBlockedIcon] as const);
  return (
    <Tip
      label={`${what}: ${of}`}
      tip={tip}
      className={`icon sms-icon sms-icon-${kind}`}
      tabIndex={reachable ? 0 : -1}
      onPress={onPress}
    >
      <Icon />
    </Tip>
  );
}
