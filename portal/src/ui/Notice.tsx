// Says how something went, where it happened: an error, a warning or good news.
import { AlertIcon, CheckIcon } from "./icons";

interface Props {
  kind?: "error" | "warning" | "good" | "plain";
  children: React.ReactNode;
}

/** Nothing is shown, and nothing said, where there are no children. */
export function Notice({ kind = "error", children }: Props) {
  // The region is always there: what comes into it later is read out.
  return (
    <div role={kind === "error" ? "alert" : "status"} className="notice-place">
      {children && (
        <div className={`notice notice-${kind}`}>
          {kind === "good" ? <CheckIcon /> : kind === "plain" ? null : <AlertIcon />}
          <div>{children}</div>
        </div>
      )}
    </div>
  );
}
