// An open segment page asks once a second whether its placement changed, and only while it is looked at.

const EVERY = 1000;
const NEWS = "The placement was scored again just now.";
let timer = 0;

const main = () => document.getElementById("placement");
const tick = () => main() && window.htmx?.trigger(main(), "tick");

function watch() {
  clearInterval(timer);
  timer = 0;
  if (!document.hidden) {
    tick();
    timer = setInterval(tick, EVERY);
  }
}
document.addEventListener("visibilitychange", watch);
addEventListener("pagehide", () => clearInterval(timer));
addEventListener("pageshow", watch);

// A lost connection is no news to someone reading: the next tick asks again.
document.addEventListener("htmx:sendError", (event) => event.detail.elt === main() && event.stopImmediatePropagation(), true);

// What was open stays open, and focus stays on the same link when it is there again.
let open = [];
let focused = null;
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target !== main() || !event.detail.shouldSwap) return;
  open = [...main().querySelectorAll("details[data-keep][open]")].map((each) => each.dataset.keep);
  const at = main().contains(document.activeElement) ? document.activeElement : null;
  focused = at && { href: at.getAttribute("href"), keep: at.closest("details")?.dataset.keep, tag: at.tagName };
});
document.addEventListener("htmx:afterSettle", () => {
  if (!main()) return;
  for (const keep of open) main().querySelector(`details[data-keep="${CSS.escape(keep)}"]`)?.setAttribute("open", "");
  if (focused) {
    const again =
      focused.tag === "SUMMARY"
        ? main().querySelector(`details[data-keep="${CSS.escape(focused.keep ?? "")}"] > summary`)
        : main().querySelector(`a[href="${CSS.escape(focused.href ?? "")}"]`);
    again?.focus({ preventScroll: true });
  }
  if (open.length || focused || main().dataset.since !== seen) document.getElementById("live-news").textContent = NEWS;
  open = [];
  focused = null;
  seen = main().dataset.since;
});
let seen = main()?.dataset.since;
watch();
