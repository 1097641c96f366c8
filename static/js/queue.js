// Answers on their way: each is kept on this device first, then sent, those of a sheet together and in order.
// Runs on every page of a workspace, so that leaving a sheet loses nothing and holds nothing back.

const [, , slug] = location.pathname.split("/");
const who = document.body.dataset.user ?? "";
// Only what this person answered in this workspace: the next to sign in here sends none of it.
const isOurs = (key) => {
  const [product, kind, workspace, , , , user, ...more] = key.split(".");
  return product === "connected" && kind === "answers" && workspace === slug && user === who && !more.length;
};

// Milliseconds: a burst of taps goes as one; long enough for fast typing, short enough to be "as you tap".
const GATHER = 250;
const AT_MOST = 1200;
// Bytes of one request: what a browser still sends from a page that is being left, with room to spare.
const MOST = 30_000;

const sleep = (time) => new Promise((resolve) => setTimeout(resolve, time));

export const OFFLINE = "offline";
export const news = new EventTarget();
const tell = (name, detail = {}) => news.dispatchEvent(new CustomEvent(name, { detail }));

const cookie = (name) => document.cookie.split("; ").find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1);
// The cookie first, read at each try: signing in again in another tab gives a new one.
const token = () => cookie("csrftoken") ?? JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];

function bodyOf(entries) {
  const [answers, expected, evidence] = [{}, {}, {}];
  for (const { item, ...said } of entries) {
    if ("value" in said) [answers[item], expected[item]] = [said.value, said.expected];
    if ("note" in said) evidence[item] = said.note;
  }
  const parts = Object.entries({ answers, expected, evidence }).map(([name, each]) => [name, JSON.stringify(each)]);
  return new URLSearchParams(parts).toString();
}

// As many of the first entries as go into one request, at least one.
function load(entries) {
  let count = entries.length;
  while (count > 1 && bodyOf(entries.slice(0, count)).length > MOST) count -= 1;
  return entries.slice(0, count);
}

export class Outbox {
  trouble = "";
  safe = true; // False: this device keeps nothing, the page holds it.
  #memory = [];
  #pause = 0;
  #timer = 0;
  #since = 0;
  #ready = 0;
  #going = null;

  constructor(key) {
    this.key = key;
    const [, , workspace, workshop, participant, segment] = key.split(".");
    this.sheet = `/w/${workspace}/workshops/${workshop}/sheets/${participant}/${segment}/`;
  }

  // Read anew each time, since two tabs share it.
  list() {
    if (!this.safe) return this.#memory;
    try {
      return JSON.parse(localStorage.getItem(this.key) ?? "[]");
    } catch {
      return this.#memory;
    }
  }

  #write(list) {
    this.#memory = list;
    try {
      if (list.length) localStorage.setItem(this.key, JSON.stringify(list));
      else localStorage.removeItem(this.key);
      this.safe = true;
    } catch {
      this.safe = false;
    }
  }

  // One entry an item: a later tap replaces the value, keeps its place and what had been seen before both.
  put(item, seen, said) {
    const list = this.list();
    const there = list.find((entry) => entry.item === item);
    const id = crypto.randomUUID?.() ?? String(Math.random());
    if (!there) {
      list.push({ item, id, tried: [], expected: seen, ...said });
    } else {
      if ("value" in there) there.tried.push(there.value);
      Object.assign(there, said, { id });
      delete there.refused;
      if ("value" in said && "clash" in there) {
        there.expected = there.clash;
        delete there.clash;
      }
    }
    this.#write(list);
    this.soon();
  }

  change(item, edit) {
    const list = this.list();
    const place = list.findIndex((entry) => entry.item === item);
    if (place >= 0 && edit(list[place]) === false) list.splice(place, 1);
    this.#write(list);
  }

  forget() {
    this.#write([]);
    tell("change", { outbox: this });
  }

  soon() {
    this.#since ||= Date.now();
    this.#ready = Math.min(Date.now() + GATHER, this.#since + AT_MOST);
    this.#wait(this.#ready - Date.now());
  }

  #wait(time) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), time);
  }

  // Sends all that can be sent; `again`: also what was refused before. Resolves when it is done or has to wait.
  flush(again = false) {
    this.#ready = 0;
    this.#going ??= this.#flush(again).finally(() => (this.#going = null));
    return this.#going;
  }

  async #flush(again) {
    clearTimeout(this.#timer);
    const drain = () => this.#drain(again);
    // One tab at a time, so that the order is kept.
    const done = navigator.locks ? await navigator.locks.request(this.key, drain) : await drain();
    this.#pause = done ? 0 : Math.min(30, (this.#pause || 0.5) * 2);
    if (!done) this.#wait(this.#pause * 1000 * (0.75 + Math.random() / 2));
    tell("change", { outbox: this });
  }

  #due(again) {
    return this.list().filter((entry) => !("clash" in entry) && (again || !entry.refused));
  }

  async #drain(again) {
    let alone = false; // One of several was refused: find out which.
    for (let due = this.#due(again); due.length; due = await this.#gathered()) {
      this.#since = 0;
      const batch = alone ? due.slice(0, 1) : load(due);
      tell("change", { outbox: this });
      const answer = await this.#post(batch);
      if (!answer) return false;
      if (answer.status === 400 && batch.length > 1) alone = true;
      else this.#settle(batch, answer);
    }
    return true;
  }

  // What was tapped while a request was on its way waits for the rest of its burst too.
  async #gathered() {
    for (let time; (time = this.#ready - Date.now()) > 0; ) await sleep(time);
    return this.#due(false);
  }

  // The answer as {ok, status, json}. Null: try again later, `trouble` says why.
  async #post(batch) {
    try {
      const answer = await this.#fetch(batch, { signal: AbortSignal.timeout(15_000) });
      if (answer.type === "opaqueredirect") this.trouble = "you are signed out. Sign in again in another tab";
      else if (answer.status >= 500 || answer.status === 429) this.trouble = "the server does not answer";
      else this.trouble = "";
      if (this.trouble) return null;
      const isJson = answer.headers.get("content-type")?.startsWith("application/json");
      return { ok: answer.ok, status: answer.status, json: isJson ? await answer.json() : {} };
    } catch {
      this.trouble = OFFLINE;
      return null;
    }
  }

  #fetch(batch, more) {
    const body = bodyOf(batch);
    const headers = { "X-CSRFToken": token(), "Content-Type": "application/x-www-form-urlencoded" };
    // Beyond some size a browser refuses to keep a request alive.
    const keepalive = body.length <= 2 * MOST;
    return fetch(`${this.sheet}answer/`, { method: "POST", body, headers, keepalive, redirect: "manual", ...more });
  }

  #settle(batch, { ok, status, json }) {
    const current = status === 409 ? json.current : undefined;
    const reason = json.detail ?? (status === 404 ? "this sheet is no longer there." : "the server refused it.");
    for (const entry of batch) {
      if (ok) this.#arrived(entry);
      else if (!current) this.change(entry.item, (now) => void (now.refused = reason));
      else if (entry.item in current) this.change(entry.item, (now) => this.#clashed(now, current[entry.item]));
    }
    if (ok) tell("sent", { outbox: this, entries: batch, asks: json.asks });
  }

  #arrived(entry) {
    this.change(entry.item, (now) => {
      if (now.id === entry.id) return false;
      if ("value" in entry) now.expected = entry.value; // Tapped again while this one was on its way.
    });
  }

  #clashed(now, stored) {
    // An earlier try of ours arrived although its answer got lost: that is no clash.
    if (now.tried.includes(stored)) now.expected = stored;
    else now.clash = stored;
  }

  // The page is going: send without waiting for the answer. What arrives twice is saved once.
  leave() {
    const due = this.#due(false);
    if (due.length) this.#fetch(load(due), {}).catch(() => {});
  }
}

// --- Every sheet's ---------------------------------------------------------------------------------------

const boxes = new Map();
export function outboxOf(key) {
  if (!boxes.has(key)) boxes.set(key, new Outbox(key));
  return boxes.get(key);
}

function waiting() {
  try {
    Object.keys(localStorage).filter(isOurs).forEach(outboxOf);
  } catch {
    // No storage, nothing kept from before.
  }
  return [...boxes.values()].filter((outbox) => outbox.list().length);
}

const flushAll = () => waiting().forEach((outbox) => outbox.flush());

// --- What other pages say about it -------------------------------------------------------------------------

// The sheet that is open says for itself how its answers fare, and sends those of before when it listens.
const here = document.querySelector("form[data-outbox]:not([data-locked])")?.dataset.outbox;
const elsewhere = () => waiting().filter((outbox) => outbox.key !== here);
const number = (count) => `${count} answer${count === 1 ? "" : "s"}`;
const told = new Map(); // Sheets spoken of, each with the answers sent since.

function of(names) {
  const known = [...new Set(names.filter(Boolean))];
  return known.length ? ` of ${known.join(", ").replace(/, ([^,]*)$/, " and $1")}` : "";
}

// {text, stuck}: `stuck` is the sheet that has to be looked at.
function standing(left) {
  const entries = left.flatMap((outbox) => outbox.list());
  const whose = `${number(entries.length)}${of(entries.map((entry) => entry.who))}`;
  const are = entries.length === 1 ? "is" : "are";
  const stuck = left.find((outbox) => outbox.list().some((entry) => "clash" in entry || entry.refused));
  if (stuck) {
    const entry = stuck.list().find((each) => "clash" in each || each.refused);
    const reason = "clash" in entry ? `someone else answered ${entry.item} too.` : entry.refused;
    return { text: `${whose} cannot be sent: ${reason}`, stuck };
  }
  const trouble = left.map((outbox) => outbox.trouble).find(Boolean);
  if (trouble === OFFLINE) return { text: `${whose} ${are} still on this device, safe; waiting for a connection.` };
  if (trouble) return { text: `${whose} ${are} still on this device: ${trouble}.` };
  return { text: `${whose} ${are} still on this device; sending.` };
}

function link(text, href) {
  const made = document.createElement("a");
  [made.href, made.textContent] = [href, text];
  return made;
}

function discard(outbox) {
  const made = document.createElement("button");
  [made.type, made.className, made.textContent] = ["button", "link calm", "Throw away"];
  made.addEventListener("click", () => {
    const count = number(outbox.list().length);
    if (confirm(`Throw away ${count} that could not be sent? They are nowhere else.`)) outbox.forget();
  });
  return made;
}

let banner = null;

function say(text, ...acts) {
  if (!banner) {
    document.querySelector("[data-queue]")?.remove();
    banner = document.createElement("p");
    banner.className = "notice";
    banner.dataset.queue = "";
    banner.dataset.tended = "yes"; // It leaves when all is sent, not after a while.
  }
  if (!banner.isConnected) document.getElementById("notices")?.append(banner);
  if (banner.dataset.said === text) return;
  banner.dataset.said = text;
  banner.replaceChildren(text, ...acts);
}

function show() {
  const left = elsewhere();
  for (const outbox of left) if (!told.has(outbox.key)) told.set(outbox.key, []);
  if (left.length) {
    const { text, stuck } = standing(left);
    if (!stuck) return say(text);
    const refused = stuck.list().some((entry) => entry.refused);
    return say(text, link("Open the sheet", stuck.sheet), ...(refused ? [discard(stuck)] : []));
  }
  const sent = [...told.values()].flat();
  told.clear();
  if (sent.length) done(`${number(sent.length)}${of(sent.map((entry) => entry.who))} sent.`);
  else banner?.remove();
}

function done(text) {
  // A page made before they arrived does not count them yet.
  const again = link("Load this page again", location.pathname + location.search);
  say(text, ...(here ? [] : [again]));
  const line = banner;
  banner = null;
  setTimeout(() => line.remove(), 12_000);
}

let later = 0;

if (who && slug) {
  news.addEventListener("sent", ({ detail }) => told.get(detail.outbox.key)?.push(...detail.entries));
  news.addEventListener("change", show);
  addEventListener("storage", (event) => {
    if (!isOurs(event.key ?? "")) return;
    clearTimeout(later); // Someone types in another tab: no news unless it stays.
    later = setTimeout(show, 2000);
  });
  addEventListener("online", () => flushAll());
  addEventListener("pageshow", (event) => event.persisted && flushAll());
  addEventListener("pagehide", () => waiting().forEach((outbox) => outbox.leave()));
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && flushAll());
  show();
  elsewhere().forEach((outbox) => outbox.flush(true));
}
