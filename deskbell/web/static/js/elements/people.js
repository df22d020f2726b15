// <desk-people data-asks>: a line of addresses, separated by commas; while one is typed, those that it may mean are
// offered below it. Arrows choose, Enter or Tab takes, Escape closes (ARIA authoring practices, Combobox).
let count = 0;

class People extends HTMLElement {
  connectedCallback() {
    this.field = this.querySelector("input");
    this.list = Object.assign(document.createElement("ul"), { className: "menu composer__known", hidden: true, id: `known-${(count += 1)}` });
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", this.closest("label").textContent.trim());
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id })) this.field.setAttribute(name, value);
    this.append(this.list);
    this.field.addEventListener("input", () => this.wait());
    this.field.addEventListener("keydown", (event) => this.press(event));
    this.field.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) this.take(option);
    });
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
    if (typed.length < 2) return this.close();
    const answer = await fetch(`${this.dataset.asks}?q=${encodeURIComponent(typed)}`).catch(() => null);
    if (!answer?.ok || typed !== this.typed.trim()) return;
    this.offer((await answer.json()).people);
  }

  offer(people) {
    this.list.replaceChildren(
      ...people.map((words, place) => {
        const option = Object.assign(document.createElement("li"), { className: "menu__item", textContent: words, id: `${this.list.id}-${place}`, dir: "auto" });
        option.setAttribute("role", "option");
        return option;
      }),
    );
    this.list.hidden = !people.length;
    this.field.setAttribute("aria-expanded", String(!this.list.hidden));
    this.choose(people.length ? 0 : -1);
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
    else if (event.key === "ArrowUp") this.choose((this.chosen + all - 1) % all);
    else if (["Enter", "Tab"].includes(event.key) && this.chosen >= 0 && !event.ctrlKey && !event.metaKey) this.take(this.list.children[this.chosen]);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  take(option) {
    const end = this.field.selectionStart;
    this.field.setRangeText(`${option.textContent}, `, end - this.typed.length, end, "end");
    this.close();
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  close() {
    clearTimeout(this.timer);
    this.list.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.choose(-1);
  }
}

customElements.define("desk-people", People);
