// <desk-palette>: Ctrl-K finds tickets, customers, views and what this page can do. What the page knows is there at once;
// the desk is asked while one types (ARIA authoring practices, Combobox).
import { use } from "./keys.js";
import { asked } from "../models/asked.js";
import { choose } from "../models/choosing.js";
import { fitting } from "../models/fitting.js";
import { actions, views } from "../models/page_ways.js";
import { recentTickets } from "../models/recent_tickets.js";

const PAUSE = 150; // ms without a key before the desk is asked
const MOST = 8; // of one kind

class Palette extends HTMLElement {
  connectedCallback() {
    this.dialog = this.closest("dialog");
    this.field = this.querySelector("input");
    this.list = this.querySelector("[role=listbox]");
    this.field.addEventListener("input", () => this.typed());
    this.field.addEventListener("keydown", (event) => this.press(event));
    this.list.addEventListener("mousedown", (event) => event.preventDefault()); // the caret stays
    this.list.addEventListener("click", (event) => this.take([...this.options()].indexOf(event.target.closest("[role=option]"))));
    this.key = (event) => this.call(event);
    this.click = (event) => event.target.closest?.("[data-opens-palette]") && this.open();
    document.addEventListener("keydown", this.key);
    document.addEventListener("click", this.click);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.key);
    document.removeEventListener("click", this.click);
  }

  // In the words of a letter Ctrl-K makes a link: there it was taken already.
  call(event) {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.defaultPrevented) return;
    event.preventDefault();
    if (this.dialog.open) this.dialog.close();
    else this.open();
  }

  open() {
    if (document.querySelector("dialog[open]")) return;
    document.querySelectorAll(".menu-box[open]").forEach((menu) => (menu.open = false));
    this.ways = { actions: actions(), views: views() };
    this.field.value = "";
    this.dialog.showModal();
    this.field.focus();
    this.show([]);
    this.askRecent();
  }

  typed() {
    clearTimeout(this.timer);
    if (!this.field.value.trim()) this.askRecent();
    else this.timer = setTimeout(() => this.ask(), PAUSE);
    this.show([]);
  }

  async askRecent() {
    const codes = recentTickets();
    const answer = codes.length ? await asked(`${this.dataset.recent}?codes=${codes}`) : null;
    if (!answer?.ok || this.field.value || !this.dialog.open) return;
    const { offers } = await answer.json();
    this.show([[this.dataset.openedLast, offers.map(([code, says]) => ({ says, under: code, leads: `/tickets/${code}` }))]]);
  }

  async ask() {
    const typed = this.field.value;
    const answer = await asked(`${this.dataset.asks}?${new URLSearchParams({ q: typed })}`);
    if (!answer.ok || typed !== this.field.value || !this.dialog.open) return;
    const { tickets, people, places } = await answer.json();
    this.show([
      [this.dataset.tickets, tickets.map((one) => ({ ...one, sign: this.mark(one.status) }))],
      [this.dataset.people, people],
      [this.dataset.places, places],
    ]);
  }

  // asked: kinds and entries that the desk gave; who walked the list already keeps their place in it
  show(asked) {
    const typed = this.field.value.trim();
    const here = [[this.dataset.actions, this.ways.actions], [this.dataset.views, this.ways.views]].map(([kind, all]) => [kind, fitting(all, typed).slice(0, MOST)]);
    const else_ = typed ? [[this.dataset.else, [{ says: this.dataset.find.replace("WORDS", typed), leads: `/find?${new URLSearchParams({ q: typed })}` }]]] : [];
    const kinds = (typed ? [...here, ...asked, ...else_] : [...asked, ...here]).filter(([, entries]) => entries.length);
    const kept = this.walked ? this.entries[this.chosen] : null;
    this.entries = kinds.flatMap(([, entries]) => entries);
    this.draw(kinds);
    const place = kept ? this.entries.findIndex(({ says, leads }) => says === kept.says && leads === kept.leads) : 0;
    this.walked &&= place > 0;
    this.choose(Math.max(place, 0));
  }

  draw(kinds) {
    let count = 0;
    this.list.replaceChildren(
      ...kinds.map(([kind, entries]) => {
        const set = this.made("div", "palette__set", { role: "group", "aria-label": kind });
        const all = this.made("div", "", { role: "presentation" });
        all.append(...entries.map((entry) => this.drawn(entry, `palette-${(count += 1)}`)));
        set.append(this.made("div", "palette__kind", { "aria-hidden": "true" }, kind), all);
        return set;
      }),
    );
  }

  drawn({ says, under, sign, key }, id) {
    const option = this.made("div", "palette__item", { role: "option", id });
    const place = this.made("span", "palette__sign", { "aria-hidden": "true" });
    if (sign) place.append(sign.cloneNode(true));
    const what = this.made("span", "palette__what", { dir: "auto" }, says);
    if (under) what.append(" ", this.made("small", "", { dir: "auto" }, under));
    option.append(place, what);
    if (key) option.append(this.made("kbd", "key", { "aria-hidden": "true" }, key));
    return option;
  }

  made(tag, className, attributes, text = "") {
    const element = Object.assign(document.createElement(tag), { className, textContent: text });
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  }

  mark(status) {
    const place = this.made("span", "", { "data-status": status });
    const mark = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    mark.setAttribute("class", "mark");
    const use_ = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use_.setAttribute("href", `${this.dataset.marks}#mark-${status}`);
    mark.append(use_);
    place.append(mark);
    return place;
  }

  options() {
    return this.list.querySelectorAll("[role=option]");
  }

  choose(place) {
    this.chosen = place;
    choose(this.field, this.options(), place)?.scrollIntoView({ block: "nearest" });
  }

  press(event) {
    const all = this.entries.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      this.walked = true;
      this.choose((this.chosen + (event.key === "ArrowDown" ? 1 : all - 1)) % all);
    } else if (event.key === "Enter") this.take(this.chosen);
    else return;
    event.preventDefault();
  }

  take(place) {
    const entry = this.entries[place];
    if (!entry) return;
    this.walked = false;
    this.dialog.close(); // the focus goes back to where it was; what is pressed may take it from there
    if (entry.leads) location.assign(entry.leads);
    else use(entry.element);
  }
}

customElements.define("desk-palette", Palette);
