// Tests of which field a problem from the API belongs to.
import { expect, test } from "vitest";

import { problemAt } from "./problems";

const LABELS = { name: "The name", sendFrom: "“Begin at”", sendUntil: "“Rest from”" };

test("a message that begins with a field belongs to it, and uses the screen's label", () => {
  expect(problemAt("name must not be empty.", LABELS)).toEqual({
    field: "name",
    text: "The name must not be empty.",
  });
});

test("a field before a colon is left out", () => {
  expect(problemAt("name: 'Skin checks' is taken.", LABELS)).toEqual({
    field: "name",
    text: "'Skin checks' is taken.",
  });
});

test("another field in the message gets the screen's label", () => {
  expect(problemAt("sendFrom must be earlier than sendUntil.", LABELS)).toEqual({
    field: "sendFrom",
    text: "“Begin at” must be earlier than “Rest from”.",
  });
});

test("a word that is also a field's name stays a word", () => {
  expect(problemAt("sendFrom has no name.", LABELS).text).toBe("“Begin at” has no name.");
});

test("an API name that isn't a field here stays as it is", () => {
  expect(problemAt("sendFrom is after nextRunAt.", LABELS).text).toBe(
    "“Begin at” is after nextRunAt.",
  );
});

test("a message about something else belongs to no field", () => {
  expect(problemAt("Nothing was saved.", LABELS)).toEqual({
    field: undefined,
    text: "Nothing was saved.",
  });
});

test("a property of every object isn't a field", () => {
  expect(problemAt("toString is odd.", LABELS).field).toBeUndefined();
});

test("an empty message belongs to no field", () => {
  expect(problemAt("", LABELS)).toEqual({ field: undefined, text: "" });
});
