// The head of a ticket changes under the pointer: Reopen comes where Resolve was. For a second after that, a click on
// what was not there before does nothing, so that pressing twice does not undo what was done, nor what a colleague just
// did. What stays is pressed at once, and so is what stands in a menu, which somebody opened; keys always mean what they say.
const PAUSE_MS = 1_000;
const words = () => new Set([...document.querySelectorAll(".ticket__tools button")].map((button) => button.textContent.trim()));
let known = words();
let fresh = new Set();
let since = 0;

function notice() {
  const now = words();
  const come = [...now].filter((word) => !known.has(word));
  if (come.length) [fresh, since] = [new Set(come), performance.now()];
  known = now;
}

document.addEventListener("htmx:afterSwap", notice);
document.addEventListener("deskbell:shown", notice);
document.addEventListener(
  "click",
  (event) => {
    const button = event.target.closest?.(".ticket__tools button");
    const isPointer = event.detail > 0; // a key's click counts 0
    if (!button || button.closest(".menu") || !isPointer || performance.now() - since > PAUSE_MS || !fresh.has(button.textContent.trim())) return;
    event.preventDefault();
    event.stopPropagation();
  },
  { capture: true },
);
