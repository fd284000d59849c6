// A template's preview, requested when typing pauses; the last valid one stays in view.
import { useEffect, useMemo, useState } from "react";

import { useConnected } from "../../../api/connection";
import { messageOf } from "../../../api/errors";
import { query } from "../../../api/operations";
import { useSettled } from "../../../data/use-settled";
import { TemplatePreviewDocument, type TemplatePreviewQuery } from "../../../gql/graphql";

export type SmsText = Extract<TemplatePreviewQuery["templatePreview"], { __typename: "SmsText" }>;

export interface TemplatePreview {
  /** undefined until a template was valid. */
  readonly text: SmsText | undefined;
  /** Why the template can't be filled in; "" if it can. */
  readonly problem: string;
  /** Why there is no preview just now, for a cause other than the template; "" if there is one. */
  readonly failure: string;
}

/** Return the template's preview for the reason. */
export function useTemplatePreview(template: string, reason: string | undefined): TemplatePreview {
  const [text, setText] = useState<SmsText>();
  const [problem, setProblem] = useState("");
  const [failure, setFailure] = useState("");
  const connected = useConnected();
  const settled = useSettled(template);
  // A new object asks the API again when the connection is back.
  const asking = useMemo(
    () => ({ variables: { template: settled, reason: reason ?? null }, connected }),
    [settled, reason, connected],
  );
  useEffect(() => {
    let wanted = true;
    async function ask() {
      try {
        const { templatePreview: made } = await query(TemplatePreviewDocument, asking.variables);
        if (!wanted) return;
        if (made.__typename === "SmsText") setText(made);
        setProblem(made.__typename === "SmsText" ? "" : made.message);
        setFailure("");
      } catch (thrown) {
        const message = messageOf(thrown);
        if (wanted) setFailure(message);
      }
    }
    void ask();
    return () => {
      wanted = false;
    };
  }, [asking]);
  return { text, problem, failure };
}
