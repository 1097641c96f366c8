// Reordering touchpoints: drag the grip, or Alt with an arrow. The server answers with the whole journey.

const SLOP = 5; // pixels before a press becomes a drag

const board = () => document.getElementById("journey");
const send = (card, values) =>
  htmx.ajax("POST", card.dataset.move, { source: card, target: "#journey", swap: "outerHTML", values });

// --- Keys -----------------------------------------------------------------------------------------

const WAYS = { ArrowUp: "earlier", ArrowDown: "later", ArrowLeft: "previous", ArrowRight: "next" };

document.addEventListener("keydown", (event) => {
  if (!event.altKey || !(event.key in WAYS)) return;
  const card = event.target.closest(".tp[data-move]");
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
  if (event.detail.xhr.status === 422) say("Not saved yet: one field needs another look", "queued");
});
for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(failure, (event) => {
    if (event.detail.requestConfig?.verb === "post") say("Not saved yet: what you typed is still here", "queued");
  });
}
