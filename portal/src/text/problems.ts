// Where a problem belongs: the API's messages begin with the field that they are about.

export interface FieldProblem<Field extends string> {
  /** undefined: it is about no field in particular. */
  readonly field: Field | undefined;
  readonly text: string;
}

/**
 * Gives the field that a message begins with, and the message with the fields that it names called
 * what they are called on the screen. "reasons: …" loses its field.
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
  // Only what can be no word of somebody's: a name of several words, written as one.
  const named = rest.replace(/\b[a-z]+[A-Z]\w*/g, (name) => (known(name) ? labels[name] : name));
  return { field, text: labels[field] + named };
}
