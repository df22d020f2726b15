// <desk-query data-asks data-recent>: a query; what may be meant by what ends at the caret is offered below it. Tab takes
// the first, Enter what is chosen.  Before anything is typed, the tickets that were opened last are offered, and lead there.
import { asked } from "../models/asked.js";
import { Offers } from "../models/offers.js";
import { recentTickets } from "../models/recent_tickets.js";

class Query extends HTMLElement {
  connectedCallback() {
    this.field = this.querySelector("input");
    this.offers = new Offers(this.field, "query__known", (place) => this.take(place));
    this.field.addEventListener("input", () => this.wait());
    this.field.addEventListener("focus", () => this.field.value || this.askRecent());
    this.field.addEventListener("keydown", (event) => this.press(event));
  }

  wait() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), 120);
  }

  async askRecent() {
    const codes = recentTickets();
    if (!codes.length) return;
    const answer = await asked(`${this.dataset.recent}?codes=${codes}`);
    if (!answer.ok || this.field.value || document.activeElement !== this.field) return;
    this.offered = { ...(await answer.json()), leads: true };
    this.offers.show(this.dataset.openedLast, this.offered.offers, -1);
  }

  async ask() {
    if (!this.field.value) return this.offers.close();
    const [text, at] = [this.field.value, this.field.selectionStart];
    const answer = await asked(`${this.dataset.asks}?${new URLSearchParams({ q: text, at })}`);
    if (!answer.ok || text !== this.field.value || document.activeElement !== this.field) return;
    this.offered = await answer.json();
    // Nothing is chosen at first: Enter finds what is typed.
    this.offers.show(this.dataset.called, this.offered.offers, -1);
  }

  press(event) {
    if (!this.offers.isOpen) return;
    const { chosen } = this.offers;
    if (event.key === "Tab" && !event.shiftKey && !this.offered.leads) this.take(Math.max(chosen, 0));
    else if (event.key === "Enter" && chosen >= 0) this.take(chosen);
    else if (!this.offers.press(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  take(place) {
    const { start, end, offers, leads } = this.offered;
    if (leads) return location.assign(`/tickets/${offers[place][0]}`);
    this.field.setRangeText(offers[place][0], start, end, "end");
    clearTimeout(this.timer);
    this.offers.close();
    this.ask(); // a name is followed by its values
  }
}

customElements.define("desk-query", Query);
