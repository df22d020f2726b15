// <desk-leaving data-seconds data-act>: counts down until a letter leaves, for as long as it can be taken back. The count
// is for the eyes; ears hear of it once. Without scripts the page says about how long it is.
import { whisper } from "../models/toast.js";

const SECOND = 1_000;
// What was said of each act: the piece is drawn anew while it counts.
const said = new Map();

// Once it is taken back what was said is true no more.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const act = said.get(detail.requestConfig?.path);
  if (!act || detail.xhr.status >= 400) return;
  act.words.remove();
  whisper(act.taken);
});

class Leaving extends HTMLElement {
  connectedCallback() {
    this.end = performance.now() + Number(this.dataset.seconds) * SECOND; // not the clock of this machine, which may be wrong
    this.format = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: "second", unitDisplay: "narrow" });
    this.timer = setInterval(() => this.count(), SECOND / 4);
    this.count();
    const act = this.dataset.act;
    if (!said.has(act)) said.set(act, { words: whisper(this.dataset.spoken), taken: this.dataset.taken });
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  count() {
    const left = Math.ceil((this.end - performance.now()) / SECOND);
    if (left <= 0) {
      // htmx swaps wrongly for a form that is gone.
      if (!this.querySelector(".htmx-request")) this.remove();
      return;
    }
    const words = this.dataset.counts.replace("SECONDS", this.format.format(left));
    const shown = this.querySelector(".ticket__leaves");
    if (shown.textContent !== words) shown.textContent = words;
  }
}

customElements.define("desk-leaving", Leaving);
