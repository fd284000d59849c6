// Tests of which clicks and navigations ask first while something isn't saved.
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { askBeforeLeaving, type Leaving } from "./leaving";

const ask = vi.fn<(leaving: Leaving) => void>();
let release = () => {};

beforeEach(() => {
  history.replaceState(null, "", "/setup/preferences?a=1");
  document.body.innerHTML = `
    <a id="runs" href="/runs"><span>Runs</span></a>
    <a id="here" href="/setup/preferences?a=1">Here</a>
    <a id="other" href="https://example.org/">Elsewhere</a>
    <a id="window" href="/runs" target="_blank">In a new window</a>
    <button>Save</button>
  `;
  // No link is really followed, because a test's page has nowhere to go.
  addEventListener("click", stay);
  release = askBeforeLeaving(ask);
});
afterEach(() => {
  release();
  removeEventListener("click", stay);
});

function stay(event: Event): void {
  event.preventDefault();
}
/** Click, and return whether the click reached the page. */
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

test("a link within the portal asks instead of leading there", () => {
  // when
  const through = press("#runs span");
  // then
  expect(ask).toHaveBeenCalledWith({ to: "/runs", back: false });
  expect(through).toBe(false);
});

test.each([
  ["to the current page", "#here", {}],
  ["to another site", "#other", {}],
  ["into another window", "#window", {}],
  ["with Ctrl", "#runs", { ctrlKey: true }],
  ["with Command", "#runs", { metaKey: true }],
  ["with Shift", "#runs", { shiftKey: true }],
  ["with Alt", "#runs", { altKey: true }],
  ["with the middle button", "#runs", { button: 1 }],
])("a click that doesn't leave this page is let through: %s", (_, what, how) => {
  // when
  const through = press(what, how);
  // then
  expect(ask).not.toHaveBeenCalled();
  expect(through).toBe(true);
});

test("a click on something else than a link is let through", () => {
  // when
  const through = press("button");
  // then
  expect(ask).not.toHaveBeenCalled();
  expect(through).toBe(true);
});

test("Back is undone and asked about before any other listener hears of it", () => {
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

test("the browser asks before the page closes", () => {
  // given
  const closing = new Event("beforeunload", { cancelable: true });
  // when
  dispatchEvent(closing);
  // then
  expect(closing.defaultPrevented).toBe(true);
});

test("nothing is asked once everything is saved", () => {
  // given
  release();
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

test("a screen that releases its hold doesn't end a later screen's", () => {
  // given
  const later = vi.fn<() => void>();
  const releaseLater = askBeforeLeaving(later);
  // when
  release();
  press("#runs");
  releaseLater();
  // then
  expect(later).toHaveBeenCalledOnce();
});
