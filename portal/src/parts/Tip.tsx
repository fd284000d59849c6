// A button that says more when it is hovered, focused or touched.
import { useState } from "react";
import { Button, Tooltip, TooltipTrigger } from "react-aria-components";

interface Props {
  /** What it is called. */
  label: string;
  /** What it says when it is hovered or focused. */
  tip: string;
  children: React.ReactNode;
  className?: string;
  onPress?: () => void;
  /** -1: reached by the arrow keys of what it is in, not by Tab. */
  excludeFromTabOrder?: boolean;
}

export function Tip({ label, tip, children, className = "", onPress, excludeFromTabOrder }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <TooltipTrigger delay={150} closeDelay={0} isOpen={open} onOpenChange={setOpen}>
      <Button
        aria-label={label}
        className={`plain ${className}`}
        excludeFromTabOrder={excludeFromTabOrder ?? false}
        onPress={({ pointerType }) => {
          // A finger doesn't hover: it opens the words instead.
          if (pointerType === "touch") setOpen(true);
          else onPress?.();
        }}
      >
        {children}
      </Button>
      <Tooltip className="tip" placement="top" offset={6}>
        {tip}
      </Tooltip>
    </TooltipTrigger>
  );
}
