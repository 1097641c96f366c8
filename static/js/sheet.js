// A sheet: every tap is kept on this device first, then sent, in order. Without this script the page is a
// plain form that saves when one goes on.

const form = document.getElementById("sheet");
const NONE = form.dataset.none;
const steps = form.dataset.view === "steps";

// --- Questions -----------------------------------------------------------------------------------------

const questions = [...form.querySelectorAll(".q[data-item]")].map((box) => ({
  box,
  item: box.dataset.item,
  seen: box.dataset.seen,
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
const asked = () => questions.filter(isAsked);

// --- Outbox: what has not reached the server. Read anew each time, since two tabs share it ----------------

const outbox = {
  memory: [],
  safe: true,
  list() {
    if (!this.safe) return this.memory;
    try {
      return JSON.parse(localStorage.getItem(form.dataset.outbox) ?? "[]");
    } catch {
      return this.memory;
    }
  },
  write(list) {
    this.memory = list;
    try {
      if (list.length) localStorage.setItem(form.dataset.outbox, JSON.stringify(list));
      else localStorage.removeItem(form.dataset.outbox);
      this.safe = true;
    } catch {
      this.safe = false;
    }
  },
  // One entry an item: a later tap replaces the value, keeps its place and what had been seen before both.
  put(question, said) {
    const list = this.list();
    const there = list.find((entry) => entry.item === question.item);
    const id = crypto.randomUUID?.() ?? String(Math.random());
    if (!there) {
      list.push({ item: question.item, id, tried: [], expected: question.seen, ...said });
    } else {
      if ("value" in there) there.tried.push(there.value);
      Object.assign(there, said, { id });
      delete there.refused;
      if ("value" in said && "clash" in there) {
        there.expected = there.clash;
        delete there.clash;
      }
    }
    this.write(list);
  },
  change(item, edit) {
    const list = this.list();
    const place = list.findIndex((entry) => entry.item === item);
    if (place >= 0 && edit(list[place]) === false) list.splice(place, 1);
    this.write(list);
  },
};

// --- Sending -----------------------------------------------------------------------------------------------

let trouble = "";
let savedAt = null;
let pause = 0;
let timer = 0;
let sending = false;

const cookie = (name) => document.cookie.split("; ").find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1);

async function post(entry) {
  const body = new URLSearchParams({ item: entry.item });
  if ("value" in entry) {
    body.set("value", entry.value);
    body.set("expected", entry.expected);
  }
  if ("note" in entry) body.set("note", entry.note);
  const answer = await fetch(form.dataset.save, {
    method: "POST",
    body,
    // Read at each try: signing in again gives a new one.
    headers: { "X-CSRFToken": cookie("csrftoken") ?? form.elements.csrfmiddlewaretoken.value },
    redirect: "manual",
    keepalive: true,
    signal: AbortSignal.timeout(15000),
  });
  const json = answer.headers.get("content-type")?.startsWith("application/json") ? await answer.json() : {};
  return { answer, json };
}

const OFFLINE = "offline";

// Sends one entry. True: settled, go on with the next. False: try again later, `trouble` says why.
async function send(entry) {
  let result;
  try {
    result = await post(entry);
  } catch {
    trouble = OFFLINE;
    return false;
  }
  const { answer, json } = result;
  if (answer.type === "opaqueredirect") trouble = "you are signed out. Sign in again in another tab";
  else if (answer.status >= 500 || answer.status === 429) trouble = "the server does not answer";
  else {
    trouble = "";
    settle(entry, answer, json);
    return true;
  }
  return false;
}

function settle(entry, answer, json) {
  const question = byItem.get(entry.item);
  if (answer.ok) {
    savedAt = new Date();
    if (question && "value" in entry) question.seen = entry.value;
    outbox.change(entry.item, (now) => {
      if (now.id === entry.id) return false;
      if ("value" in entry) now.expected = entry.value; // Tapped again while this one was on its way.
    });
  } else if (answer.status === 409 && "current" in json) {
    outbox.change(entry.item, (now) => {
      // An earlier try of ours arrived although its answer got lost: that is no clash.
      if (now.tried.includes(json.current)) now.expected = json.current;
      else now.clash = json.current;
    });
  } else {
    const reason = json.detail ?? (answer.status === 404 ? "this sheet is no longer there." : "the server refused it.");
    outbox.change(entry.item, (now) => void (now.refused = reason));
  }
}

async function flush() {
  if (sending || form.hasAttribute("data-locked")) return;
  sending = true;
  clearTimeout(timer);
  const drain = async () => {
    for (;;) {
      const entry = outbox.list().find((each) => !("clash" in each) && !each.refused);
      if (!entry) return true;
      show();
      if (!(await send(entry))) return false;
    }
  };
  // One tab at a time, so that the order is kept.
  const done = navigator.locks ? await navigator.locks.request(form.dataset.outbox, drain) : await drain();
  sending = false;
  pause = done ? 0 : Math.min(30, (pause || 0.5) * 2);
  if (!done) timer = setTimeout(flush, pause * 1000 * (0.75 + Math.random() / 2));
  show();
}

function tryNow() {
  for (const entry of outbox.list()) outbox.change(entry.item, (now) => void delete now.refused);
  flush();
}

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
  if (list.length && trouble === OFFLINE) {
    const where = outbox.safe ? "Safe on this device" : "Not saved: keep this page open";
    return [`${where}. ${count(list.length)} for a connection`, "queued"];
  }
  if (list.length && trouble) return [`Not saved: ${trouble}; ${count(list.length)}`, "queued"];
  if (list.length) return ["Saving", ""];
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
  flush();
  show();
}

const put = (selector, text) => form.querySelectorAll(selector).forEach((each) => (each.textContent = text));

function showProgress() {
  const due = asked();
  const given = due.filter((question) => valueOf(question) !== null);
  put("[data-given]", given.length);
  put("[data-asked]", due.length);
  put("[data-unknown]", given.filter((question) => valueOf(question) === "").length);
  if (!steps) return;
  const open = due.filter((question) => valueOf(question) === null);
  const place = due.findIndex((question) => question.item === current) + 1;
  put("[data-place]", `${place || given.length} of ${due.length}`);
  form.querySelector(".bar .v").setAttribute("width", place ? (100 * place) / due.length : 100);
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
  outbox.put(question, { value: valueOf(question) });
  follow();
  flush();
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
  outbox.put(question, { note: question.note.value });
  flush();
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
  back.disabled = asked()[0]?.item === code;
  next.hidden = code === "done";
  form.querySelector("[data-leave]").hidden = code !== "done";
  if (push) history.pushState({ q: code }, "", `?view=steps&q=${code}`);
  target.focus({ preventScroll: true });
  scrollTo(0, 0);
  show();
}

function step(by) {
  const codes = [...asked().map((question) => question.item), "done"];
  const place = codes.indexOf(current) + by;
  if (place >= 0 && place < codes.length) go(codes[place]);
}

// --- All on one page: a digit answers and moves on ------------------------------------------------------------------

function move(question, by) {
  const due = asked();
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

addEventListener("online", flush);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && flush());
addEventListener("storage", (event) => event.key === form.dataset.outbox && show());
addEventListener("beforeunload", (event) => outbox.list().length && event.preventDefault());
retry?.addEventListener("click", tryNow);

for (const question of questions) question.kept = question.note.value;
for (const entry of outbox.list()) {
  const question = byItem.get(entry.item);
  if (question && "value" in entry) choose(question, entry.value);
  if (question && "note" in entry) question.note.value = question.kept = entry.note;
}
if (!form.hasAttribute("data-locked")) {
  follow();
  const first = steps ? document.getElementById(`q-${current}`) : asked().find((each) => valueOf(each) === null)?.box;
  first?.focus({ preventScroll: true });
}
show();
tryNow();
