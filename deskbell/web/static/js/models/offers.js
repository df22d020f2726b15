// The list below a field that offers what may be meant: arrows choose, Escape closes (ARIA authoring practices, Combobox).
import { choose } from "./choosing.js";

let count = 0;

export class Offers {
  // take(place): what to do with the offer at a place that was chosen; isCombobox: false for a field of several lines,
  // which stays a textbox (ARIA in HTML) and says by aria-activedescendant alone what is chosen
  constructor(field, className, take, { isCombobox = true } = {}) {
    this.field = field;
    this.take = take;
    this.list = Object.assign(document.createElement("ul"), { className: `menu ${className}`, hidden: true, id: `offers-${(count += 1)}` });
    this.list.setAttribute("role", "listbox");
    this.isCombobox = isCombobox;
    const says = { "aria-autocomplete": "list", "aria-controls": this.list.id, ...(isCombobox ? { role: "combobox" } : {}) };
    for (const [name, value] of Object.entries(says)) field.setAttribute(name, value);
    this.expand();
    field.after(this.list);
    // Not when it has the focus again: the list may have been opened anew meanwhile.
    field.addEventListener("blur", () => setTimeout(() => document.activeElement === field || this.close(), 150));
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) this.take([...this.list.children].indexOf(option));
    });
  }

  get isOpen() {
    return !this.list.hidden;
  }

  // called: the name of the list; offers: words of each, and what stands small beside them; chosen: a place, -1 for none
  show(called, offers, chosen) {
    this.list.setAttribute("aria-label", called);
    this.list.replaceChildren(
      ...offers.map(([words, says], place) => {
        const option = Object.assign(document.createElement("li"), { className: "menu__item", textContent: words, id: `${this.list.id}-${place}`, dir: "auto" });
        option.setAttribute("role", "option");
        if (says) option.append(" ", Object.assign(document.createElement("small"), { textContent: says, dir: "auto" }));
        return option;
      }),
    );
    this.list.hidden = !offers.length;
    this.expand();
    this.choose(offers.length ? chosen : -1);
  }

  choose(place) {
    this.chosen = place;
    choose(this.field, [...this.list.children], place);
  }

  // Whether the key was one of the list's own.
  press(key) {
    const all = this.list.children.length;
    if (key === "ArrowDown") this.choose((this.chosen + 1) % all);
    else if (key === "ArrowUp") this.choose((Math.max(this.chosen, 0) + all - 1) % all);
    else if (key === "Escape") this.close();
    else return false;
    return true;
  }

  close() {
    this.list.hidden = true;
    this.expand();
    this.choose(-1);
  }

  expand() {
    if (this.isCombobox) this.field.setAttribute("aria-expanded", String(this.isOpen));
  }
}
