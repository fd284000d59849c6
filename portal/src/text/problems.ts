// Which field a problem belongs to: the API's messages begin with the field that they are about.

export interface FieldProblem<Field extends string> {
  /** undefined if the problem is about no field in particular. */
  readonly field: Field | undefined;
  readonly text: string;
}

/**
 * Return the field that a message begins with, and the message with the screen's labels in place of
 * field names. A field before a colon ("reasons: …") is left out.
 */
export function problemAt<Field extends string>(
  message: string,
  labels: Readonly<Record<Field, string>>,
): FieldProblem<Field> {
  const known = (name: string): name is Field => Object.hasOwn(labels, name);
  const field = /^\w+/.exec(message)?.[0] ?? "";
  if (!known(field)) return { field: undefined, text: message };
  const rest = message.slice(field.length);
  if (rest.startsWith(": ")) return { field, text: rest.slice(2) };
  // Only camelCase names: any other could be a word that somebody typed.
  const named = rest.replace(/\b[a-z]+[A-Z]\w*/g, (name) => (known(name) ? labels[name] : name));
  return { field, text: labels[field] + named };
}
