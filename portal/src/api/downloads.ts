// Downloads of files that the API produces.
import { Failure, Unanswered, WRONG } from "./errors";
import { request } from "./request";

/** A file from the API. */
export interface Download {
  readonly name: string;
  readonly content: Blob;
}

/** Post `asked` to the path, and return the file in the answer; throws a `Failure`. */
export async function download(path: string, asked: object): Promise<Download> {
  let answer: Response;
  let content: Blob;
  try {
    answer = await request(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(asked),
    });
    content = await answer.blob();
  } catch {
    throw new Unanswered();
  }
  if (!answer.ok) {
    const problem = await content
      .text()
      .then(JSON.parse)
      .catch(() => null);
    throw new Failure(problem?.errors?.[0]?.message ?? WRONG);
  }
  const disposition = answer.headers.get("Content-Disposition") ?? "";
  return { name: /filename="([^"]+)"/.exec(disposition)?.[1] ?? "recalls", content };
}

/** Save the file where the browser keeps downloads. */
export function saveFile({ content, name }: Download): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // Not at once: some browsers read it a little later.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
