// A message beside the place that it is about: an error, a warning or good news.
import { AlertIcon, CheckIcon } from "./icons";

interface Props {
  kind?: "error" | "warning" | "good" | "plain";
  children: React.ReactNode;
}

/** Without children, nothing is shown or read out. */
export function Notice({ kind = "error", children }: Props) {
  // The region is always there, because screen readers read out what is added to it later.
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
