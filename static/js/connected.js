// Small things every page shares. No framework, no build; every page works without it.

import "./queue.js";

const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

// --- Notices: what could not be done, said where a screen reader hears it ----------------------

export function notice(text, kind = "") {
  const line = document.createElement("p");
  line.className = `notice ${kind}`;
  line.textContent = text;
  const notices = document.getElementById("notices");
  notices?.querySelectorAll(".notice:not([data-queue])").forEach((old) => old.remove());
  notices?.append(line);
}

document.addEventListener("htmx:sendError", () => notice("No connection. Nothing was saved; try again when it is back.", "error"));
document.addEventListener("htmx:timeout", () => notice("No answer in time. Try again.", "error"));
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  const words = {
    403: "You may look at this but not change it.",
    404: "That is gone. Load the page again to see what is there now.",
    409: "Someone else changed this first. Load the page again to see their change.",
    503: "The database does not answer for a moment. Nothing is lost; try again in a few seconds.",
  };
  notice(words[status] ?? "That went wrong and was not saved. Try again.", "error");
});

// A line that only says "done" leaves by itself; errors and offers to undo stay until closed.
function tend(line) {
  if (line.dataset.tended) return;
  line.dataset.tended = "yes";
  const close = document.createElement("button");
  close.type = "button";
  close.className = "link calm";
  close.textContent = "Close";
  close.addEventListener("click", () => line.remove());
  line.append(close);
  // One that stands in the flow of a page stays too: what is below it must not jump.
  const over = getComputedStyle(line.parentElement).position === "fixed";
  if (over && !line.matches("form, .error")) setTimeout(() => line.remove(), 8000);
}
const notices = document.getElementById("notices");
if (notices) {
  const tendAll = () => notices.querySelectorAll(".notice").forEach(tend);
  tendAll();
  new MutationObserver(tendAll).observe(notices, { childList: true });
}

// --- Menus close when one looks elsewhere -------------------------------------------------------

const closeMenus = (except) => {
  for (const menu of document.querySelectorAll("details[data-closes][open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
};
document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("focusin", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.activeElement?.closest("details[data-closes][open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  const shows = event.target.closest("[data-shows]");
  if (shows) document.getElementById(shows.dataset.shows)?.showModal();
});

// --- A refused form: look at the first field that needs it ----------------------------------------

const FIELDS = "input:not([type=hidden]), select, textarea";
function lookAtWrong(root) {
  const wrong = root.querySelector(".form .field.wrong");
  wrong?.closest("details")?.setAttribute("open", "");
  wrong?.querySelector(FIELDS)?.focus();
}
lookAtWrong(document);
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.xhr?.status === 422) lookAtWrong(event.detail.target);
});

// --- Keys ----------------------------------------------------------------------------------------

const find = document.getElementById("find");
let going = 0;

function pressed(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (typing(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === "/" && find) {
    event.preventDefault();
    if (find.offsetParent === null) document.getElementById("find-page").click();
    find.focus();
    find.select();
  } else if (event.key === "?") {
    document.getElementById("keys")?.showModal();
  } else if (event.key === "g") {
    going = Date.now();
  } else if (Date.now() - going < 1500) {
    going = 0;
    const name = { p: "Portfolio", f: "Firms", w: "Workshops" }[event.key];
    const links = [...document.querySelectorAll(".masthead nav a")];
    links.find((link) => link.textContent === name)?.click();
  } else {
    // A page's own keys: <a data-key="n">
    document.querySelector(`[data-key="${CSS.escape(event.key)}"]`)?.click();
  }
}
document.addEventListener("keydown", pressed);

// --- Find: arrows walk the results ----------------------------------------------------------------

if (find) {
  const box = find.closest(".find");
  const found = document.getElementById("found");
  const show = (open) => {
    box.toggleAttribute("data-open", open);
    const count = found.querySelectorAll("a").length;
    document.getElementById("found-count").textContent = open ? `${count} found; arrow down to walk through` : "";
  };
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target === found) show(find.value.trim() !== "");
  });
  // Enter opens the first result only when the list is the answer to what stands in the box.
  const fits = () =>
    box.hasAttribute("data-open") && found.querySelector(".finds")?.dataset.words === find.value.trim();
  find.addEventListener("focus", () => show(found.childElementCount > 0 && find.value.trim() !== ""));
  document.addEventListener("click", (event) => box.contains(event.target) || show(false));
  box.addEventListener("focusout", (event) => event.relatedTarget && !box.contains(event.relatedTarget) && show(false));
  box.addEventListener("keydown", (event) => {
    const links = [...found.querySelectorAll("a")];
    const place = links.indexOf(document.activeElement);
    if (event.key === "Escape") {
      show(false);
      find.blur();
    } else if (event.key === "ArrowDown" && links.length) {
      event.preventDefault();
      links[Math.min(place + 1, links.length - 1)].focus();
    } else if (event.key === "ArrowUp" && place >= 0) {
      event.preventDefault();
      (links[place - 1] ?? find).focus();
    } else if (event.key === "Enter" && event.target === find && fits()) {
      event.preventDefault();
      links[0].click();
    }
  });
}

// --- Paper: light or dark without loading the page again --------------------------------------------

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-theme-form]")) return;
  event.preventDefault();
  const value = event.submitter?.value ?? "";
  const body = new FormData(form);
  body.set("theme", value);
  const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
  if (answer.type !== "opaqueredirect" && !answer.ok) return notice("That could not be kept.", "error");
  if (value) document.documentElement.dataset.theme = value;
  else delete document.documentElement.dataset.theme;
  document.querySelector('meta[name="color-scheme"]').content = value || "light dark";
  for (const button of form.querySelectorAll("button[name=theme]")) {
    if (button.value === value) button.setAttribute("aria-pressed", "true");
    else button.removeAttribute("aria-pressed");
  }
});

// --- Times in the reader's own clock --------------------------------------------------------------------

function clocks(root) {
  for (const time of root.querySelectorAll("time[data-clock]")) {
    const moment = new Date(time.dateTime);
    const today = moment.toDateString() === new Date().toDateString();
    const clock = moment.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    const day = moment.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
    time.textContent = today ? clock : `${day}, ${clock}`;
    time.removeAttribute("data-clock");
  }
}
clocks(document);
document.addEventListener("htmx:afterSettle", (event) => clocks(event.detail.elt.parentElement ?? document));

// --- Copy -------------------------------------------------------------------------------------------------

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  const text = document.getElementById(button.dataset.copies);
  try {
    await navigator.clipboard.writeText(text.textContent.trim());
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(text);
    button.textContent = "Press Ctrl C";
  }
});

// --- Drafts: what is typed survives a reload until it is saved -----------------------------------------------

// A draft holds what differs from what the form showed, and what it showed (`was`): where another has changed
// the same meanwhile, the server asks. `sent`: given to the server, which has not answered yet.
const store = (form) => `draft:${location.pathname}:${form.dataset.draft}`;
const read = (key) => JSON.parse(sessionStorage.getItem(key) ?? "null");
const write = (key, draft) => sessionStorage.setItem(key, JSON.stringify(draft));
const forget = (form) => sessionStorage.removeItem(store(form));

function changed(field) {
  if (["radio", "checkbox"].includes(field.type)) return field.checked !== field.defaultChecked;
  if (field.options) return [...field.options].some((each) => each.selected !== each.defaultSelected);
  return field.value !== field.defaultValue;
}

function recall(form) {
  if (form.dataset.recalled) return;
  form.dataset.recalled = "yes";
  const draft = read(store(form));
  if (!draft || form.querySelector(".wrong, .error")) return;
  const was = form.elements.was;
  const fresh = was?.value;
  for (const [name, values] of Object.entries(draft.typed)) {
    for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (["radio", "checkbox"].includes(field.type)) field.checked = values.includes(field.value);
      else field.value = values[0] ?? "";
    }
  }
  if (was && draft.was) was.value = draft.was;
  offer(form, () => {
    form.reset();
    if (was) was.value = fresh;
    forget(form);
  });
}

// Said at the head of the form itself, where it covers nothing.
function offer(form, drop) {
  const line = document.createElement("p");
  line.className = "help";
  line.setAttribute("role", "status");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "link calm";
  button.textContent = "Show what is saved instead";
  button.addEventListener("click", () => {
    drop();
    line.remove();
    form.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  });
  form.prepend(line);
  line.append("What you had typed here is back. ", button);
}

function keep(form) {
  const fields = [...form.elements].filter((field) => field.name && !["hidden", "password"].includes(field.type));
  const touched = new Set(fields.filter(changed).map((field) => field.name));
  const typed = {};
  for (const field of fields.filter((each) => touched.has(each.name))) {
    typed[field.name] ??= [];
    if (!["radio", "checkbox"].includes(field.type) || field.checked) typed[field.name].push(field.value);
  }
  if (touched.size) write(store(form), { typed, was: form.elements.was?.value });
  else forget(form);
}

// What was sent has arrived when another page came, or one that says so; without a network neither does.
function settle() {
  const arrived = document.querySelector(".notice.success");
  for (const key of Object.keys(sessionStorage).filter((each) => each.startsWith("draft:"))) {
    const draft = read(key);
    if (!draft.sent) continue;
    if (arrived || key.split(":")[1] !== location.pathname) sessionStorage.removeItem(key);
    else write(key, { ...draft, sent: false });
  }
}

const recallAll = () => document.querySelectorAll("form[data-draft]").forEach(recall);

settle();
recallAll();
document.addEventListener("htmx:afterSettle", recallAll);
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-draft]");
  if (form) keep(form);
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-draft]:not([hx-post])")) return;
  const draft = read(store(event.target));
  if (draft) write(store(event.target), { ...draft, sent: true });
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt;
  if (event.detail.successful && form.matches("form[data-draft]")) forget(form);
});
document.addEventListener("click", (event) => {
  const leaves = event.target.closest("form[data-draft] .acts a");
  if (leaves) forget(leaves.closest("form"));
});

// A page change that is skipped (a slow page, another click) is no error worth reporting.
for (const name of ["pageswap", "pagereveal"]) {
  addEventListener(name, (event) => {
    event.viewTransition?.ready.catch(() => {});
    event.viewTransition?.finished.catch(() => {});
  });
}
