// What a template would say, asked for when typing pauses; the last that worked stays in view.
import { useEffect, useState } from "react";

import { Failure, read, useConnected } from "../client";
import { TemplatePreviewDocument, type TemplatePreviewQuery } from "../gql/graphql";
import { useSettled } from "../parts/use-settled";

export type SmsText = Extract<TemplatePreviewQuery["templatePreview"], { __typename: "SmsText" }>;

export interface TemplatePreview {
  /** undefined until a template has worked. */
  readonly text: SmsText | undefined;
  /** Why the template can't be filled; "" where it can. */
  readonly problem: string;
  /** Why there is no preview just now, which is not the template's fault. */
  readonly failure: string;
}

export function useTemplatePreview(template: string, reason: string | undefined): TemplatePreview {
  const [text, setText] = useState<SmsText>();
  const [problem, setProblem] = useState("");
  const [failure, setFailure] = useState("");
  const connected = useConnected();
  const settled = useSettled(template);
  useEffect(() => {
    let wanted = true;
    async function ask() {
      try {
        const variables = { template: settled, reason: reason ?? null };
        const { templatePreview: made } = await read(TemplatePreviewDocument, variables);
        if (!wanted) return;
        if (made.__typename === "SmsText") setText(made);
        setProblem(made.__typename === "SmsText" ? "" : made.message);
        setFailure("");
      } catch (thrown) {
        if (!(thrown instanceof Failure)) throw thrown;
        if (wanted) setFailure(thrown.message);
      }
    }
    void ask();
    return () => {
      wanted = false;
    };
  }, [settled, reason, connected]);
  return { text, problem, failure };
}
