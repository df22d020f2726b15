// <desk-list data-rows data-counters data-fresh>: rows on screen are replaced where they stand; new ones are counted
// ("2 new") and come when asked for, so that nothing moves under the pointer.
import { asked } from "../models/asked.js";
import { showCounters } from "../models/counters.js";
import { countAll } from "./due.js";
import { wordTimes } from "./local_time.js";

const PAUSE_MS = 150; // several changes at once are asked for together
const LONG_PAUSE_MS = 1_000; // while very many change, as in a sweep
const MANY = 10;
const MOST = 100; // as many rows come in one answer

class TicketList extends HTMLElement {
  connectedCallback() {
    this.changed = new Set();
    this.timer = null;
    this.heard = (event) => this.hear(event.detail);
    document.addEventListener("deskbell:changed", this.heard);
  }

  disconnectedCallback() {
    document.removeEventListener("deskbell:changed", this.heard);
    clearTimeout(this.timer);
  }

  hear({ ticket }) {
    this.changed.add(ticket);
    this.timer ??= setTimeout(() => this.ask(), this.isBusy ? LONG_PAUSE_MS : PAUSE_MS);
  }

  // What is on screen goes first: of the others only their number is told.
  wanted() {
    const shown = new Set([...this.querySelectorAll(".row__pick")].map((box) => box.value));
    return [...this.changed].sort((a, b) => shown.has(b) - shown.has(a)).slice(0, MOST);
  }

  async ask() {
    this.timer = null;
    this.isBusy = this.changed.size > MANY;
    const codes = this.wanted().join(",");
    this.changed.clear();
    const address = new URL(this.dataset.rows, location);
    address.searchParams.set("codes", codes);
    const answer = await asked(address);
    if (answer.ok) this.take(await answer.text());
  }

  take(html) {
    const pieces = new DOMParser().parseFromString(html, "text/html");
    for (const row of pieces.querySelectorAll(".row")) this.placeRow(document.adoptNode(row));
    showCounters(pieces);
  }

  placeRow(row) {
    const shown = document.getElementById(row.id);
    if (shown) {
      const focused = shown.contains(document.activeElement) && document.activeElement;
      const pick = row.querySelector(".row__pick");
      pick.checked = shown.querySelector(".row__pick").checked;
      shown.replaceWith(row);
      wordTimes(row);
      countAll(row);
      if (focused) (focused.matches(".row__pick") ? pick : row.querySelector("a")).focus();
    } else if (row.hasAttribute("data-belongs")) {
      // Where nothing stands nothing can move: the first ticket of an empty list shows at once.
      if (!this.querySelector(".row")) return location.reload();
      this.waiting = (this.waiting ?? new Set()).add(row.id);
      this.showFresh();
    }
  }

  showFresh() {
    const button = this.querySelector(".inbox__fresh [data-fresh-count]");
    button.textContent = this.dataset.fresh.replace("0", this.waiting.size);
    this.querySelector(".inbox__fresh").hidden = false;
  }
}

customElements.define("desk-list", TicketList);
