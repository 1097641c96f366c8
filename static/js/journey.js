// Reordering touchpoints: drag the grip, or Alt with an arrow. The server answers with the whole journey.

const SLOP = 5; // pixels before a press becomes a drag

const board = () => document.getElementById("journey");

// Moves go one after another: each answer brings a new board, and the next one starts from it.
const moves = [];
let moving = false;
let moved = null;

function send(card, values) {
  moved = card.id;
  moves.push({ id: card.id, url: card.dataset.move, values });
  if (!moving) sendAll();
}

async function sendAll() {
  moving = true;
  try {
    for (let next = moves.shift(); next; next = moves.shift()) await sendOne(next);
  } finally {
    moving = false;
    moves.length = 0;
  }
}

// What cannot be sent ends the row: the moves behind it were meant for another order.
function sendOne({ id, url, values }) {
  return new Promise((resolve, reject) => {
    const settle = (event) => {
      if (event.detail.pathInfo.requestPath !== url) return;
      document.removeEventListener("htmx:afterRequest", settle);
      if (event.detail.successful) resolve();
      else reject(new Error("not moved"));
    };
    document.addEventListener("htmx:afterRequest", settle);
    const source = document.getElementById(id) ?? board();
    htmx.ajax("POST", url, { source, target: "#journey", swap: "outerHTML", values });
  }).catch(() => moves.splice(0));
}

// Between two boards the card under the fingers is gone for a moment; its keys still mean it.
const held = (target) =>
  target.closest(".tp[data-move]") ?? (target === document.body && moved ? document.getElementById(moved) : null);
document.addEventListener("focusin", (event) => {
  if (event.target.closest(".tp")?.id !== moved) moved = null;
});

// --- Keys -----------------------------------------------------------------------------------------

const WAYS = { ArrowUp: "earlier", ArrowDown: "later", ArrowLeft: "previous", ArrowRight: "next" };

document.addEventListener("keydown", (event) => {
  if (!event.altKey || !(event.key in WAYS)) return;
  const card = held(event.target);
  if (!card || event.target.closest("input, textarea, select")) return;
  event.preventDefault();
  send(card, { to: WAYS[event.key] });
});

// --- Drag -------------------------------------------------------------------------------------------

let drag = null;

function unmark() {
  for (const marked of document.querySelectorAll(".drop-before, .drop-after, .drop-in")) {
    marked.classList.remove("drop-before", "drop-after", "drop-in");
  }
}

// Where a card dropped at this point would land: its step, and its place among the other cards.
function aim(x, y) {
  const step = document.elementFromPoint(x, y)?.closest(".step");
  if (!step) return null;
  const others = [...step.querySelectorAll(".tp")].filter((card) => card !== drag.card);
  const place = others.findIndex((card) => {
    const box = card.getBoundingClientRect();
    return y < box.top + box.height / 2;
  });
  return { step, others, place: place < 0 ? others.length : place };
}

function mark(goal) {
  unmark();
  if (!goal) return;
  if (!goal.others.length) goal.step.querySelector("ol").classList.add("drop-in");
  else if (goal.place < goal.others.length) goal.others[goal.place].classList.add("drop-before");
  else goal.others.at(-1).classList.add("drop-after");
}

function stop() {
  unmark();
  drag?.card.classList.remove("dragging");
  document.documentElement.classList.remove("dragging-on");
  drag = null;
}

document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest(".grip > summary");
  if (!grip || event.button !== 0) return;
  drag = { card: grip.closest(".tp"), grip, x: event.clientX, y: event.clientY, on: false };
});

document.addEventListener("pointermove", (event) => {
  if (!drag) return;
  if (!drag.on) {
    if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < SLOP) return;
    drag.on = true;
    drag.grip.setPointerCapture(event.pointerId);
    drag.card.classList.add("dragging");
    document.documentElement.classList.add("dragging-on");
  }
  if (event.clientY < 60) window.scrollBy(0, -12);
  if (event.clientY > window.innerHeight - 60) window.scrollBy(0, 12);
  mark(aim(event.clientX, event.clientY));
});

document.addEventListener("pointerup", (event) => {
  if (!drag) return;
  const { card, grip, on } = drag;
  const goal = on && aim(event.clientX, event.clientY);
  if (on) grip.addEventListener("click", (click) => click.preventDefault(), { once: true });
  stop();
  if (goal) send(card, { step: goal.step.dataset.step, place: String(goal.place) });
});

document.addEventListener("pointercancel", stop);
document.addEventListener("keydown", (event) => event.key === "Escape" && drag && stop());

// --- Where to look after a deletion: the offer to undo it ------------------------------------------------

document.addEventListener("htmx:afterSettle", () => {
  if (document.activeElement === document.body) document.querySelector("#notices form [autofocus]")?.focus();
});

// --- Saved or not ---------------------------------------------------------------------------------------

function say(text, kind) {
  const state = document.getElementById("saved");
  if (!state) return;
  state.className = `state ${kind}`;
  state.textContent = text;
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.requestConfig.verb === "post" && event.detail.target === board()) say("Saving", "");
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.xhr.status === 422) say("Not saved yet: what needs another look is marked", "queued");
});
for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(failure, (event) => {
    if (event.detail.requestConfig?.verb === "post") say("Not saved yet: what you typed is still here", "queued");
  });
}
