// What a template would say, asked for when typing pauses; the last that worked stays in view.
import { useEffect, useMemo, useState } from "react";

import { useConnected } from "../../../api/connection";
import { messageOf } from "../../../api/errors";
import { query } from "../../../api/operations";
import { useSettled } from "../../../data/use-settled";
import { TemplatePreviewDocument, type TemplatePreviewQuery } from "../../../gql/graphql";

export type SmsText = Extract<TemplatePreviewQuery["templatePreview"], { __typename: "SmsText" }>;

export interface TemplatePreview {
  /** undefined until a template has worked. */
  readonly text: SmsText | undefined;
  /** Why the template can't be filled; "" where it can. */
  readonly problem: string;
  /** Why there is no preview just now, which is not the template's fault. */
  readonly failure: string;
}

/** Gives what the template says for the reason, as far as that is known. */
export function useTemplatePreview(template: string, reason: string | undefined): TemplatePreview {
  const [text, setText] = useState<SmsText>();
  const [problem, setProblem] = useState("");
  const [failure, setFailure] = useState("");
  const connected = useConnected();
  const settled = useSettled(template);
  // It is asked again when the line has come back.
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
