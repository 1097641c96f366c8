// A sheet: every tap is kept on this device first, then sent, in order. Without this script the page is a
// plain form that saves when one goes on.

import { news, OFFLINE, outboxOf } from "./queue.js";

const form = document.getElementById("sheet");
const steps = form.dataset.view === "steps";

// --- Questions -----------------------------------------------------------------------------------------

const questions = [...form.querySelectorAll(".q[data-item]")].map((box) => ({
  box,
  item: box.dataset.item,
  seen: box.dataset.seen,
  beside: box.dataset.beside, // Another situation: may be left out, and counts nowhere.
  condition: box.dataset.if && { item: box.dataset.if, least: Number(box.dataset.least) },
  inputs: [...box.querySelectorAll("input[type=radio]")],
  note: box.querySelector("textarea"),
  clash: box.querySelector(".clash"),
}));
const byItem = new Map(questions.map((question) => [question.item, question]));

const valueOf = (question) => question.inputs.find((input) => input.checked)?.value ?? null;
const choose = (question, value) => {
  for (const input of question.inputs) input.checked = input.value === value;
};
const words = (question, value) => {
  if (value === "") return "do not know";
  const label = question.inputs.find((input) => input.value === value)?.closest("label");
  return label ? `${value} (${label.lastElementChild.lastChild.textContent.trim()})` : value;
};
const isAsked = (question) => {
  if (!question.condition) return true;
  const base = byItem.get(question.condition.item);
  const value = base ? valueOf(base) : null;
  return value !== null && value !== "" && Number(value) >= question.condition.least;
};
const asked = () => questions.filter((question) => !question.beside && isAsked(question));
// The questions one walks through from this one: all that are asked, or those of its situation.
const around = (question) =>
  question?.beside ? questions.filter((each) => each.beside === question.beside) : asked();

// --- Sending: see queue.js -----------------------------------------------------------------------------------

const outbox = outboxOf(form.dataset.outbox);
const locked = form.hasAttribute("data-locked");
const who = form.dataset.who;
let savedAt = null;
let changed = false; // The workshop is asked other questions by now than this page shows.

const put = (question, said) => outbox.put(question.item, question.seen, { who, ...said });

function arrived(entries) {
  savedAt = new Date();
  for (const entry of entries) {
    const question = byItem.get(entry.item);
    if (question && "value" in entry) question.seen = entry.value;
  }
}

news.addEventListener("sent", ({ detail }) => {
  if (detail.outbox !== outbox) return;
  changed ||= detail.asks !== undefined && String(detail.asks) !== form.dataset.asks;
  arrived(detail.entries);
});
news.addEventListener("change", ({ detail }) => detail.outbox === outbox && show());

// Another page may have sent what was typed here: then it is what this one has seen.
function catchUp(before) {
  const left = new Set(outbox.list().map((entry) => entry.item));
  const gone = before.filter((entry) => !left.has(entry.item) && !("clash" in entry));
  if (gone.length) arrived(gone);
  show();
}

let left = [];
addEventListener("storage", (event) => event.key === outbox.key && catchUp(JSON.parse(event.oldValue ?? "[]")));
addEventListener("pagehide", () => (left = outbox.list()));
addEventListener("pageshow", (event) => event.persisted && catchUp(left));

// The page one goes to shows what has been answered: let it arrive first, if that is quick.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[href]");
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || event.defaultPrevented || link.origin !== location.origin || !outbox.list().length) return;
  if (link.hash && link.pathname === location.pathname) return;
  event.preventDefault();
  for (const question of questions) write(question);
  await Promise.race([outbox.flush(), new Promise((resolve) => setTimeout(resolve, 1500))]);
  location.assign(link.href);
});

// --- What the page says ----------------------------------------------------------------------------------------

const line = form.querySelector("[data-state]");
const retry = form.querySelector("[data-retry]");
const count = (number) => `${number} answer${number === 1 ? " waits" : "s wait"}`;
const clock = (moment) => moment.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

// [words, class]: what has become of the answers.
function stateOf(list) {
  const clashes = list.filter((entry) => "clash" in entry);
  const refused = list.find((entry) => entry.refused);
  if (clashes.length) return [`Not saved: someone else answered ${clashes[0].item} too. Choose which one stands`, "queued"];
  if (refused) return [`Not saved: ${refused.refused} ${count(list.length)}`, "queued"];
  const { trouble } = outbox;
  if (list.length && trouble === OFFLINE) {
    const where = outbox.safe ? "Safe on this device" : "Not saved: keep this page open";
    return [`${where}. ${count(list.length)} for a connection`, "queued"];
  }
  if (list.length && trouble) return [`Not saved: ${trouble}; ${count(list.length)}`, "queued"];
  if (list.length) return ["Saving", ""];
  if (changed) return ["Saved. The questions have changed meanwhile: load this page again", "queued"];
  return savedAt ? [`Saved ${clock(savedAt)}`, "saved"] : ["Answers save as you tap", ""];
}

function show() {
  if (!line) return;
  const list = outbox.list();
  const [said, kind] = stateOf(list);
  if (line.textContent !== said) line.textContent = said;
  line.className = `state ${kind}`;
  retry.hidden = kind !== "queued" || list.every((entry) => "clash" in entry);
  for (const question of questions) showClash(question, list.find((entry) => entry.item === question.item));
  showProgress();
}

function showClash(question, entry) {
  const open = entry !== undefined && "clash" in entry;
  const key = open ? `${entry.clash}|${entry.value}` : "";
  if (question.clash.dataset.key === key) return;
  question.clash.dataset.key = key;
  question.clash.hidden = !open;
  question.clash.replaceChildren();
  if (!open) return;
  const theirs = button(`Keep ${words(question, entry.clash)}`, () => resolve(question, entry.clash, false));
  const mine = button(`Use mine, ${words(question, entry.value)}`, () => resolve(question, entry.clash, true));
  question.clash.append("Someone else answered this too. ", theirs, " ", mine);
}

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn plain";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

function resolve(question, stored, mine) {
  question.seen = stored;
  outbox.change(question.item, (now) => {
    if (!mine) {
      choose(question, stored);
      delete now.value;
      delete now.clash;
      return "note" in now ? undefined : false;
    }
    now.expected = stored;
    delete now.clash;
  });
  question.box.focus();
  follow();
  outbox.flush();
  show();
}

const fill = (selector, text) => form.querySelectorAll(selector).forEach((each) => (each.textContent = text));

function showProgress() {
  const due = asked();
  const given = due.filter((question) => valueOf(question) !== null);
  fill("[data-given]", given.length);
  fill("[data-asked]", due.length);
  fill("[data-unknown]", given.filter((question) => valueOf(question) === "").length);
  for (const count of form.querySelectorAll("[data-given-in]")) {
    const group = questions.filter((question) => question.beside === count.dataset.givenIn);
    count.textContent = group.filter((question) => valueOf(question) !== null).length;
  }
  if (!steps) return;
  const way = around(byItem.get(current));
  const open = due.filter((question) => valueOf(question) === null);
  const place = way.findIndex((question) => question.item === current) + 1;
  fill("[data-place]", `${place || given.length} of ${way.length}`);
  form.querySelector(".bar .v").setAttribute("width", place ? (100 * place) / way.length : 100);
  form.querySelector("#q-done h1").textContent = open.length ? "Some questions are still open." : "That is all.";
  form.querySelector("[data-left]").replaceChildren(...open.map(linkTo));
}

function linkTo(question) {
  const entry = document.createElement("li");
  const link = document.createElement("a");
  link.href = `?view=steps&q=${question.item}`;
  link.dataset.go = question.item;
  link.textContent = question.box.querySelector("h1").textContent;
  entry.append(link);
  return entry;
}

// --- Answering ---------------------------------------------------------------------------------------------------

function answer(question) {
  put(question, { value: valueOf(question) });
  follow();
  show();
}

// Questions that depend on an answer come and go.
function follow() {
  if (!steps) for (const question of questions) question.box.hidden = !isAsked(question);
}

const writing = new Map();

function write(question) {
  clearTimeout(writing.get(question.item));
  if (question.note.value === question.kept) return;
  question.kept = question.note.value;
  put(question, { note: question.note.value });
  show();
}

form.addEventListener("change", (event) => {
  const question = byItem.get(event.target.closest(".q")?.dataset.item);
  if (question && event.target.type === "radio") answer(question);
  else if (question) write(question);
});
form.addEventListener("input", (event) => {
  const question = event.target.matches("textarea") && byItem.get(event.target.closest(".q").dataset.item);
  if (!question) return;
  clearTimeout(writing.get(question.item));
  writing.set(question.item, setTimeout(() => write(question), 600));
});

// --- One question a screen ---------------------------------------------------------------------------------------

let current = form.elements.at?.value;

function go(code, push = true) {
  const target = document.getElementById(`q-${code}`);
  if (!target) return;
  current = code;
  form.elements.at.value = code;
  for (const box of form.querySelectorAll(".q")) box.hidden = box !== target;
  const [back, next] = form.querySelectorAll("footer .acts button");
  back.disabled = around(byItem.get(code))[0]?.item === code;
  next.hidden = code === "done";
  form.querySelector("[data-leave]").hidden = code !== "done";
  if (push) history.pushState({ q: code }, "", `?view=steps&q=${code}`);
  target.focus({ preventScroll: true });
  scrollTo(0, 0);
  show();
}

function step(by) {
  const codes = [...around(byItem.get(current)).map((question) => question.item), "done"];
  const place = codes.indexOf(current) + by;
  if (place >= 0 && place < codes.length) go(codes[place]);
}

// --- All on one page: a digit answers and moves on ------------------------------------------------------------------

function move(question, by) {
  const due = around(question);
  const next = due[due.indexOf(question) + by];
  if (!next) return;
  next.box.focus({ preventScroll: true });
  next.box.scrollIntoView({ block: "nearest" });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (steps) step(event.submitter?.value === "back" ? -1 : 1);
});
form.addEventListener("click", (event) => {
  const link = event.target.closest("[data-go]");
  if (!link) return;
  event.preventDefault();
  go(link.dataset.go);
});
addEventListener("popstate", () => steps && go(new URLSearchParams(location.search).get("q") ?? current, false));

form.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("textarea")) return;
  const box = event.target.closest(".q");
  const question = byItem.get(box?.dataset.item);
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (by && box) {
    event.preventDefault();
    if (steps) step(by);
    else move(question, by);
  } else if (question && /^[0-9-]$/.test(event.key)) {
    const input = question.inputs.find((each) => each.value === (event.key === "-" ? "" : event.key));
    if (!input || input.disabled) return;
    event.preventDefault();
    input.checked = true;
    answer(question);
    if (!steps) move(question, 1);
  }
});

// --- Coming and going --------------------------------------------------------------------------------------------------

// What is typed in a note counts when one leaves, not only when one stops typing.
addEventListener("pagehide", () => locked || questions.forEach(write), { capture: true });
addEventListener("beforeunload", (event) => !outbox.safe && outbox.list().length && event.preventDefault());
retry?.addEventListener("click", () => outbox.flush(true));

for (const question of questions) question.kept = question.note.value;
for (const entry of outbox.list()) {
  const question = byItem.get(entry.item);
  if (question && "value" in entry) choose(question, entry.value);
  if (question && "note" in entry) question.note.value = question.kept = entry.note;
}
if (!locked) {
  follow();
  const first = steps ? document.getElementById(`q-${current}`) : asked().find((each) => valueOf(each) === null)?.box;
  first?.focus({ preventScroll: true });
}
show();
if (!locked) outbox.flush(true);
