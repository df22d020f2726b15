// <desk-canned data-asks>: "/" after a blank, or its button, opens a list of canned answers at the caret. The letters
// behind it narrow the list, arrows and Enter take one: its words, filled in by the desk for this ticket, stand where
// the slash stood, and its files go along. A press on [data-puts] puts that answer in at once. Without scripts the
// button leads to a page that does the same.
import { asked } from "../models/asked.js";
import { Offers } from "../models/offers.js";
import { say } from "../models/toast.js";

const SLASH = /(?:^|\s)\/((?:[^\s/][^\n/]{0,60})?)$/u;
const PAUSE = 120; // ms

class Canned extends HTMLElement {
  connectedCallback() {
    this.form = this.closest("form");
    this.text = this.form.elements.text;
    this.said = this.querySelector("[role=status]");
    this.querySelector("button").addEventListener("mousedown", (event) => event.preventDefault()); // the caret stays
    this.querySelector("button").addEventListener("click", (event) => this.begin(event));
    this.typed = (event) => event.target === this.text && this.wait();
    this.pressed = (event) => this.press(event);
    this.fits = (event) => this.putFitting(event.target.closest("[data-puts]"));
    this.form.addEventListener("input", this.typed);
    this.form.addEventListener("click", this.fits);
    // Before the editor sees the key: there, Enter would end the line.
    addEventListener("keydown", this.pressed, true);
  }

  disconnectedCallback() {
    removeEventListener("keydown", this.pressed, true);
    this.form.removeEventListener("input", this.typed);
    this.form.removeEventListener("click", this.fits);
    this.offers?.list.remove();
  }

  // The editor with looks stands over the field once it has come.
  get field() {
    return this.form.querySelector(".composer__rich .composer__text") ?? this.text;
  }

  get rich() {
    const rich = this.form.querySelector("desk-rich-text");
    return rich?.editor ? rich : null;
  }

  // What stands behind the slash before the caret; undefined without one.
  get behind() {
    const before = this.text.wordsBefore?.() ?? this.text.value.slice(0, this.text.selectionStart);
    return SLASH.exec(before)?.[1];
  }

  begin(event) {
    event.preventDefault();
    if (this.offers?.isOpen) return this.leave();
    const before = this.text.wordsBefore?.() ?? this.text.value.slice(0, this.text.selectionStart);
    this.field.focus();
    this.byButton = true;
    this.replace(0, /\S$/u.test(before) ? " /" : "/");
    this.wait();
  }

  wait() {
    const typed = this.behind;
    if (typed === undefined) return this.shut();
    // Whoever left the list goes on writing after the slash.
    if (this.left !== undefined && typed.startsWith(this.left)) return;
    this.left = undefined;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(typed), PAUSE);
  }

  async ask(typed) {
    const answer = await asked(`${this.dataset.asks}/offers?q=${encodeURIComponent(typed)}`);
    if (!answer.ok || typed !== this.behind || !this.isConnected) return;
    const { offers } = await answer.json();
    this.numbers = offers.map(({ number }) => number);
    this.list().show(this.dataset.called, offers.map(({ name, says }) => [name, says]), 0);
    this.stand();
    this.said.textContent = offers.length ? this.dataset.offered.replace("COUNT", offers.length) : "";
  }

  // The field changes when the editor has come: the list goes with it.
  list() {
    if (this.offers?.field !== this.field) {
      this.offers?.list.remove();
      this.offers = new Offers(this.field, "composer__offers", (place) => this.take(place), { isCombobox: false });
    }
    return this.offers;
  }

  // At the caret; where a plain field does not tell where that is, at its beginning.
  stand() {
    const { list, field } = this.offers;
    const box = list.offsetParent?.getBoundingClientRect();
    if (!box || list.hidden) return;
    const editor = this.rich?.editor;
    const at = editor ? editor.view.coordsAtPos(editor.state.selection.from) : field.getBoundingClientRect();
    const isLow = at.bottom + list.offsetHeight > innerHeight;
    const top = isLow ? at.top - list.offsetHeight - 4 : (editor ? at.bottom : at.top + 32) + 4;
    const isMirrored = getComputedStyle(this).direction === "rtl";
    const start = isMirrored ? at.right - list.offsetWidth : at.left;
    list.style.insetBlockStart = `${top - box.top}px`;
    list.style.left = `${Math.max(0, Math.min(start - box.left, box.width - list.offsetWidth))}px`;
  }

  press(event) {
    if (!this.offers?.isOpen || event.target !== this.field || event.isComposing) return;
    const takes = ["Enter", "Tab"].includes(event.key) && this.offers.chosen >= 0 && !event.ctrlKey && !event.metaKey;
    if (takes) this.take(this.offers.chosen);
    else if (event.key === "Escape") this.leave();
    else if (!this.offers.press(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  // Escape leaves what was typed; what the button had put there goes with the list.
  leave() {
    const typed = this.behind;
    this.left = typed;
    this.shut();
    if (this.byButton && typed !== undefined) this.replace(typed.length + 1, "");
    this.byButton = false;
  }

  shut() {
    clearTimeout(this.timer);
    this.left = this.behind === undefined ? undefined : this.left;
    this.offers?.close();
    this.said.textContent = "";
  }

  take(place) {
    const typed = this.behind ?? "";
    this.shut();
    this.byButton = false;
    return this.put(this.numbers[place], typed);
  }

  // Pressed twice while the desk is asked, it stands there once.
  async putFitting(button) {
    if (!button || this.isAsking) return;
    this.isAsking = true;
    await this.form.querySelector("desk-rich-text")?.begin?.();
    this.field.focus();
    await this.put(button.dataset.puts, null);
    this.isAsking = false;
  }

  // typed: what stands behind a slash before the caret, and goes; null for no slash
  async put(number, typed) {
    const body = new FormData(this.form);
    body.delete("files");
    body.set("writer", sessionStorage.getItem("deskbell:writer") ?? "");
    const answer = await asked(`${this.dataset.asks}/${number}`, { method: "POST", body, headers: { Accept: "application/json" } });
    if (!answer.ok) return say(this.dataset.failed);
    const { text, html, files } = await answer.json();
    if (this.behind === typed) this.replace(typed.length + 1, "");
    if (this.rich) this.replace(0, inLine(html));
    else this.replace(0, text);
    this.append(Object.assign(document.createElement("input"), { type: "hidden", name: "canned", value: number }));
    for (const file of files) this.form.querySelector("desk-files")?.came(file, false);
    this.text.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // Puts words (HTML for the editor) in the place of so many letters before the caret.
  replace(length, words) {
    if (this.text.replaceBefore) return this.text.replaceBefore(length, words);
    const end = this.text.selectionStart;
    this.text.setRangeText(words, end - length, end, "end");
    this.text.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

// A single paragraph stands in the line in which it was asked for.
function inLine(html) {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  const only = body.children.length === 1 && body.firstElementChild;
  return only && only.tagName === "P" ? only.innerHTML : html;
}

customElements.define("desk-canned", Canned);
