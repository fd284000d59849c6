// Tests of which presses and moves are asked about while something isn't saved.
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { holdHere, type Leaving } from "./leaving";

const ask = vi.fn<(leaving: Leaving) => void>();
let letGo = () => {};

beforeEach(() => {
  history.replaceState(null, "", "/setup/preferences?a=1");
  document.body.innerHTML = `
    <a id="runs" href="/runs"><span>Runs</span></a>
    <a id="here" href="/setup/preferences?a=1">Here</a>
    <a id="other" href="https://example.org/">Elsewhere</a>
    <a id="window" href="/runs" target="_blank">In a new window</a>
    <button>Save</button>
  `;
  // Nothing is really left: a page of a test has nowhere to go.
  addEventListener("click", stay);
  letGo = holdHere(ask);
});
afterEach(() => {
  letGo();
  removeEventListener("click", stay);
});

function stay(event: Event): void {
  event.preventDefault();
}
/** Presses; gives whether the press got through to the page. */
function press(what: string, how: MouseEventInit = {}): boolean {
  let through = false;
  const heard = () => {
    through = true;
  };
  document.body.addEventListener("click", heard, { once: true });
  const event = new MouseEvent("click", { bubbles: true, cancelable: true, ...how });
  document.querySelector(what)?.dispatchEvent(event);
  document.body.removeEventListener("click", heard);
  return through;
}

test("a link within the portal is asked about instead of followed", () => {
  // when
  const through = press("#runs span");
  // then
  expect(ask).toHaveBeenCalledWith({ to: "/runs", back: false });
  expect(through).toBe(false);
});

test.each([
  ["to where one is", "#here", {}],
  ["to another site", "#other", {}],
  ["into another window", "#window", {}],
  ["with Ctrl", "#runs", { ctrlKey: true }],
  ["with Command", "#runs", { metaKey: true }],
  ["with Shift", "#runs", { shiftKey: true }],
  ["with Alt", "#runs", { altKey: true }],
  ["by the middle button", "#runs", { button: 1 }],
])("a press that leads nowhere from here is let through: %s", (_, what, how) => {
  // when
  const through = press(what, how);
  // then
  expect(ask).not.toHaveBeenCalled();
  expect(through).toBe(true);
});

test("a press on what is no link is let through", () => {
  // when
  const through = press("button");
  // then
  expect(ask).not.toHaveBeenCalled();
  expect(through).toBe(true);
});

test("Back is taken back and asked about, before anything else hears of it", () => {
  // given
  const heard = vi.fn<() => void>();
  addEventListener("popstate", heard);
  // when: the browser has gone there already
  history.replaceState(null, "", "/runs");
  dispatchEvent(new PopStateEvent("popstate"));
  removeEventListener("popstate", heard);
  // then
  expect(ask).toHaveBeenCalledWith({ to: "/runs", back: true });
  expect(location.pathname + location.search).toBe("/setup/preferences?a=1");
  expect(heard).not.toHaveBeenCalled();
});

test("closing the page is asked about by the browser", () => {
  // given
  const closing = new Event("beforeunload", { cancelable: true });
  // when
  dispatchEvent(closing);
  // then
  expect(closing.defaultPrevented).toBe(true);
});

test("once all is saved nothing is asked", () => {
  // given
  letGo();
  const closing = new Event("beforeunload", { cancelable: true });
  // when
  const through = press("#runs");
  dispatchEvent(closing);
  history.replaceState(null, "", "/runs");
  dispatchEvent(new PopStateEvent("popstate"));
  // then
  expect(through).toBe(true);
  expect(closing.defaultPrevented).toBe(false);
  expect(ask).not.toHaveBeenCalled();
});

test("what an earlier screen held doesn't end what a later one holds", () => {
  // given
  const later = vi.fn<() => void>();
  const letLaterGo = holdHere(later);
  // when
  letGo();
  press("#runs");
  letLaterGo();
  // then
  expect(later).toHaveBeenCalledOnce();
});
