// Keeps the phones up to date, opens the one that is chosen, and sends what its patient writes.
"use strict";

const INTERVAL_MS = 1000;
const STATUS = {
  queued: "On its way", sent: "Sent", delivered: "Delivered", undelivered: "Not delivered",
};
const part = (id) => document.getElementById(id);
const oneAtATime = matchMedia("(max-width: 46rem)");
const drafts = new Map();
let chosen = null;
let known = null; // of the chosen phone's messages, to tell of new ones
let turns = 0;
let visited = false;
let found = ""; // what the list was last searched for
let paused = false;
let sending = false;

// Touching the page only where something changed keeps selection, focus and scrolling in place.
const put = (node, text) => { if (node.textContent !== text) node.textContent = text; };

function make(tag, className = "", ...children) {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...children);
  return node;
}

// Makes the list show the items, each in the node that it already has.
function arrange(list, items, build, refresh) {
  list.nodes ??= new Map();
  const keys = new Set(items.map((item) => item.key));
  for (const [key, node] of list.nodes) {
    if (!keys.has(key)) { node.remove(); list.nodes.delete(key); }
  }
  items.forEach((item, place) => {
    if (!list.nodes.has(item.key)) list.nodes.set(item.key, build(item));
    const node = list.nodes.get(item.key);
    refresh(node, item);
    if (list.children[place] !== node) list.insertBefore(node, list.children[place] ?? null);
  });
}

// ---- What is written, in words for people ----

// "+61491570156" as Australians write it; other numbers stay.
const local = (number) => number.replace(/^\+61(4\d\d)(\d{3})(\d{3})$/, "0$1 $2 $3");

// A number out of the address, where "+" reads as a space and people put spaces.
function international(text) {
  const digits = text.replace(/\D/g, "");
  return digits && `+${digits.replace(/^0/, "61")}`;
}

function when(time) {
  const date = new Date(time);
  const day = date.toDateString() === new Date().toDateString()
    ? {} : { weekday: "short", day: "numeric", month: "short" };
  return date.toLocaleString("en-AU", { hour: "numeric", minute: "2-digit", ...day });
}

function showTime(node, time) {
  node.dateTime = time;
  put(node, when(time));
}

// ---- The list ----

const addressOf = (number) => `?number=${encodeURIComponent(number)}`;

function buildPhone({ key: number }) {
  const link = make("a", "", make("strong", "", local(number)), make("time"),
    make("span", "glimpse"));
  link.href = addressOf(number);
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // opens another tab or window
    event.preventDefault();
    if (number !== chosen) history.pushState(null, "", link.href);
    open(number);
    if (oneAtATime.matches) part("phone-title").focus();
  });
  return make("li", "", link);
}

function refreshPhone(node, { key: number, newest }) {
  const [, time, glimpse] = node.firstChild.children;
  showTime(time, newest.time);
  put(glimpse, newest.direction === "inbound" ? `Reply: ${newest.body}` : newest.body);
  markChosen(node.firstChild, number);
}

function markChosen(link, number) {
  if (number === chosen) link.setAttribute("aria-current", "true");
  else link.removeAttribute("aria-current");
}

function showPhones({ phones, total }, search) {
  arrange(part("phones"), phones.map((phone) => ({ key: phone.number, ...phone })),
    buildPhone, refreshPhone);
  put(part("count"), tally(phones.length, total, search));
  // Said on search only: numbers that pass by while a run sends are for the eye.
  if (search !== found) put(part("news"), part("count").textContent);
  found = search;
  if (!visited && !oneAtATime.matches && phones.length) open(phones[0].number);
}

function tally(shown, total, search) {
  const all = total.toLocaleString("en-AU");
  if (total > shown) return `The newest ${shown} of ${all}. Find others by their number.`;
  if (total) return total === 1 ? "1 phone." : `${all} phones, the newest first.`;
  return search ? "No phone has this number."
    : "No phone got a message yet. Send a recall, and it shows up here.";
}

// ---- The phone ----

function buildBubble({ direction, body, time }) {
  const [who, kind] = direction === "inbound" ? ["Patient", "reply"] : ["Clinic", ""];
  const meta = make("div", "meta", make("time"), " · ", make("span"));
  showTime(meta.firstChild, time);
  return make("li", kind, make("span", "unseen", `${who}: `), make("div", "text", body), meta);
}

function refreshBubble(node, { status, note }) {
  const state = node.lastChild.lastChild;
  put(state, note ?? STATUS[status] ?? status);
  state.className = status ?? "";
}

// What Recalls answers to a reply reaches the patient as one more message.
function withAnswers(bubble) {
  if (bubble.direction !== "inbound") return [{ key: bubble.sid, ...bubble }];
  const answers = bubble.answers.map((body, place) => ({
    key: `${bubble.sid}/${place}`, direction: "answer", time: bubble.time, body, note: "Answer",
  }));
  return [{ key: bubble.sid, note: "Taken by Recalls", ...bubble }, ...answers];
}

function showPhone({ bubbles, total, sender, canReply }) {
  const screen = part("screen");
  const atEnd = screen.scrollHeight - screen.scrollTop - screen.clientHeight < 40;
  part("sender").hidden = !sender;
  if (sender) put(part("sender").lastChild, local(sender));
  const all = total.toLocaleString("en-AU");
  put(part("hint"), total > bubbles.length ? `The newest ${bubbles.length} of ${all}.`
    : total ? "" : "Nothing arrived here yet.");
  arrange(part("bubbles"), bubbles.toReversed().flatMap(withAnswers), buildBubble, refreshBubble);
  part("reply").hidden = !canReply;
  if (known === null || atEnd) screen.scrollTop = screen.scrollHeight;
  const messages = bubbles.filter((bubble) => bubble.direction !== "inbound");
  const fresh = known && messages.find((message) => !known.has(message.sid));
  if (fresh) put(part("news"), `New message: ${fresh.body}`);
  known = new Set(messages.map((message) => message.sid));
}

function open(number) {
  if (chosen) drafts.set(chosen, part("text").value);
  if (number !== chosen) {
    known = null;
    part("text").value = drafts.get(number) ?? "";
    part("sender").hidden = part("reply").hidden = true;
    arrange(part("bubbles"), []);
    for (const id of ["news", "outcome"]) put(part(id), "");
  }
  chosen = number;
  visited ||= Boolean(number);
  part("main").classList.toggle("open", Boolean(number));
  put(part("phone-title"), number ? `Phone ${local(number)}` : "No phone chosen");
  put(part("hint"), number ? "" : "Choose one from the list, to see what its patient got.");
  document.title = number ? `${local(number)} – Patients’ phones` : "Patients’ phones";
  for (const [key, node] of part("phones").nodes ?? []) markChosen(node.firstChild, key);
  update();
}

const openAddressed = () =>
  open(international(new URLSearchParams(location.search).get("number") ?? "") || null);

// ---- Replies ----

function showOutcome(text, bad = false) {
  part("outcome").classList.toggle("bad", bad);
  put(part("outcome"), text);
}

function setSending(now) {
  sending = now;
  // Not disabled: that would take the focus away from under the person.
  for (const button of part("reply").querySelectorAll("button")) {
    button.setAttribute("aria-disabled", String(now));
  }
}

async function post(number, body) {
  const answer = await fetch("replies", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ from: number, body }),
  });
  const content = await answer.json();
  return answer.ok ? content : { problem: content.errors[0].message };
}

async function send(body) {
  if (sending || !chosen) return;
  const number = chosen;
  const said = (text) => (number === chosen ? text : `${local(number)}: ${text}`);
  setSending(true);
  showOutcome("Sending…");
  const { problem, answers } = await post(number, body)
    .catch(() => ({ problem: "The simulator did not answer." }));
  setSending(false);
  if (problem) return showOutcome(said(problem), true);
  if (number !== chosen) {
    if (drafts.get(number) === body) drafts.delete(number);
  } else if (part("text").value === body) {
    part("text").value = "";
  }
  showOutcome(said(`Recalls took the reply${answers.length ? " and answered" : ""}.`));
  return update();
}

// ---- Keeping up to date ----

async function get(path) {
  const answer = await fetch(path, { cache: "no-store" });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return answer.json();
}

async function update() {
  const turn = ++turns;
  const search = part("search").value.trim();
  try {
    const [phones, phone, settings] = await Promise.all([
      get(`phones?search=${encodeURIComponent(search)}`),
      chosen && get(`phones/${encodeURIComponent(chosen)}`),
      part("behaviour").open && get("settings"),
    ]);
    if (turn !== turns) return; // asked again meanwhile, for something else perhaps
    if (phone) showPhone(phone);
    showPhones(phones, search);
    if (settings) showSettings(settings);
    put(part("state"), paused ? "Updates are paused." : "");
  } catch {
    put(part("state"), "The simulator does not answer. Trying again.");
  }
}

function showSettings(settings) {
  const items = Object.entries(settings).map(([key, value]) => ({ key, value }));
  const build = ({ key }) =>
    make("div", "", make("dt", "", key.replaceAll("_", " ")), make("dd"));
  arrange(part("settings"), items, build, (node, { value }) => put(node.lastChild, String(value)));
}

async function keepUpdating() {
  if (!paused && !document.hidden) await update();
  setTimeout(keepUpdating, INTERVAL_MS);
}

part("search").addEventListener("input", update);
part("behaviour").addEventListener("toggle", update);
part("stop").addEventListener("click", () => send("STOP"));
part("reply").addEventListener("submit", (event) => {
  event.preventDefault();
  send(part("text").value);
});
part("back").addEventListener("click", (event) => {
  event.preventDefault();
  const link = part("phones").nodes?.get(chosen)?.firstChild ?? part("search");
  history.pushState(null, "", location.pathname);
  open(null);
  link.focus();
});
part("pause").addEventListener("click", (event) => {
  paused = !paused;
  event.currentTarget.setAttribute("aria-pressed", String(paused));
  update();
});
window.addEventListener("popstate", openAddressed);
openAddressed();
keepUpdating();
