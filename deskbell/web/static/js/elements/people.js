// <desk-people data-asks>: a line of addresses, separated by commas; while one is typed, those that it may mean are
// offered below it. Enter or Tab takes what is chosen.
import { asked } from "../models/asked.js";
import { Offers } from "../models/offers.js";

class People extends HTMLElement {
  connectedCallback() {
    this.field = this.querySelector("input");
    this.called = this.closest("label").textContent.trim();
    this.offers = new Offers(this.field, "composer__known", (place) => this.take(place));
    this.field.addEventListener("input", () => this.wait());
    this.field.addEventListener("keydown", (event) => this.press(event));
  }

  // What stands between the last comma before the caret and the caret.
  get typed() {
    const before = this.field.value.slice(0, this.field.selectionStart);
    return before.slice(before.lastIndexOf(",") + 1).trimStart();
  }

  wait() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), 150);
  }

  async ask() {
    const typed = this.typed.trim();
    if (typed.length < 2) return this.offers.close();
    const answer = await asked(`${this.dataset.asks}?q=${encodeURIComponent(typed)}`);
    if (!answer.ok || typed !== this.typed.trim() || document.activeElement !== this.field) return;
    this.people = (await answer.json()).people;
    this.offers.show(this.called, this.people.map((words) => [words, ""]), 0);
  }

  press(event) {
    if (!this.offers.isOpen) return;
    const takes = ["Enter", "Tab"].includes(event.key) && this.offers.chosen >= 0 && !event.ctrlKey && !event.metaKey;
    if (takes) this.take(this.offers.chosen);
    else if (!this.offers.press(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  take(place) {
    const end = this.field.selectionStart;
    this.field.setRangeText(`${this.people[place]}, `, end - this.typed.length, end, "end");
    clearTimeout(this.timer);
    this.offers.close();
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

customElements.define("desk-people", People);
