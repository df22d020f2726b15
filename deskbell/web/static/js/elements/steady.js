// The head of a ticket changes under the pointer: Reopen comes where Resolve was. For a second after that, a click
// there does nothing, so that pressing twice does not undo what was done. Keys mean what they say at once.
const PAUSE_MS = 1_000;
let head = document.querySelector(".ticket__head");
let since = -PAUSE_MS;

function notice() {
  const now = document.querySelector(".ticket__head");
  if (now !== head) since = performance.now();
  head = now;
}

document.addEventListener("htmx:afterSwap", notice);
document.addEventListener("deskbell:shown", notice);
document.addEventListener(
  "click",
  (event) => {
    const isPointer = event.detail > 0; // a key's click counts 0
    if (!isPointer || performance.now() - since > PAUSE_MS || !event.target.closest?.(".ticket__tools")) return;
    event.preventDefault();
    event.stopPropagation();
  },
  { capture: true },
);
