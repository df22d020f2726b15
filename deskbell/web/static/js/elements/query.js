// <desk-query data-asks>: a query; what may be meant by what ends at the caret is offered below it. Arrows choose,
// Enter or Tab takes what is chosen, Escape closes (ARIA authoring practices, Combobox).  Before anything is typed, the
// tickets that were opened last are offered, and lead there.
import { asked } from "../models/asked.js";
import { recentTickets } from "../models/recent_tickets.js";

class Query extends HTMLElement {
  connectedCallback() {
    this.field = this.querySelector("input");
    this.list = Object.assign(document.createElement("ul"), { className: "menu query__known", hidden: true, id: "query-known" });
    this.list.setAttribute("role", "listbox");
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id })) this.field.setAttribute(name, value);
    this.append(this.list);
    this.field.addEventListener("input", () => this.wait());
    this.field.addEventListener("focus", () => this.field.value || this.askRecent());
    this.field.addEventListener("keydown", (event) => this.press(event));
    this.field.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) this.take([...this.list.children].indexOf(option));
    });
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
    this.offer(this.dataset.openedLast);
  }

  async ask() {
    if (!this.field.value) return this.close();
    const [text, at] = [this.field.value, this.field.selectionStart];
    const answer = await asked(`${this.dataset.asks}?${new URLSearchParams({ q: text, at })}`);
    if (!answer.ok || text !== this.field.value || document.activeElement !== this.field) return;
    this.offered = await answer.json();
    this.offer();
  }

  // Nothing is chosen at first: Enter finds what is typed.
  offer(called = this.dataset.called) {
    this.list.setAttribute("aria-label", called);
    this.list.replaceChildren(
      ...this.offered.offers.map(([words, says], place) => {
        const option = Object.assign(document.createElement("li"), { className: "menu__item", id: `query-known-${place}`, textContent: words.trim() });
        option.setAttribute("role", "option");
        if (says) option.append(" ", Object.assign(document.createElement("small"), { textContent: says, dir: "auto" }));
        return option;
      }),
    );
    this.list.hidden = !this.offered.offers.length;
    this.field.setAttribute("aria-expanded", String(!this.list.hidden));
    this.choose(-1);
  }

  choose(place) {
    this.chosen = place;
    [...this.list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === place)));
    if (place < 0) this.field.removeAttribute("aria-activedescendant");
    else this.field.setAttribute("aria-activedescendant", this.list.children[place].id);
  }

  press(event) {
    if (this.list.hidden) return;
    const all = this.list.children.length;
    if (event.key === "ArrowDown") this.choose((this.chosen + 1) % all);
    else if (event.key === "ArrowUp") this.choose((this.chosen + all) % all);
    else if (event.key === "Tab" && !event.shiftKey && !this.offered.leads) this.take(Math.max(this.chosen, 0));
    else if (event.key === "Enter" && this.chosen >= 0) this.take(this.chosen);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  take(place) {
    const { start, end, offers, leads } = this.offered;
    if (leads) return location.assign(`/tickets/${offers[place][0]}`);
    this.field.setRangeText(offers[place][0], start, end, "end");
    this.close();
    this.ask(); // a name is followed by its values
  }

  close() {
    clearTimeout(this.timer);
    this.list.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.choose(-1);
  }
}

customElements.define("desk-query", Query);
