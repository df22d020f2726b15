// <desk-composer>: keeps what is written, remembers Reply or Note, sends with Ctrl-Enter. The form works without it.
import { asked } from "../models/asked.js";
import { DraftKeeper } from "../models/draft_keeper.js";
import { isAlive, writer } from "../models/writer.js";
import { moments } from "./local_time.js";
import { say } from "../models/toast.js";
import { renewToken } from "../models/token.js";

// What a draft brings back: the rest of the form is the page's own.
const FIELDS = ["text", "html", "kind", "to", "cc", "bcc", "from", "subject", "outside_to", "outside_cc", "outside_bcc", "outside_from", "about", "answers", "customer", "name", "phone", "department", "when"];

class Composer extends HTMLElement {
  async connectedCallback() {
    this.form = this.querySelector("form");
    this.text = this.form.elements.text;
    this.shown = (event) => this.see(event.detail.step);
    this.left = () => this.drafts?.leave((address, words) => navigator.sendBeacon(address, words));
    document.addEventListener("deskbell:shown", this.shown);
    addEventListener("pagehide", this.left);
    addEventListener("online", (this.back = () => this.drafts?.save()));
    // Not "change": it also comes when a form that was sent is taken off the page, after its draft was forgotten.
    this.form.addEventListener("input", () => this.keep());
    this.form.addEventListener("keydown", (event) => this.sendByKey(event));
    this.form.addEventListener("submit", () => this.form.hasAttribute("hx-post") || this.drafts?.rest());
    this.form.addEventListener("htmx:confirm", (event) => this.sends(event));
    // At once, not when the next composer stands: whoever goes on to another page in that moment would find it here again.
    this.form.addEventListener("htmx:beforeOnLoad", ({ detail }) => detail.xhr.status < 400 && this.drafts?.forget());
    this.form.addEventListener("htmx:sendError", () => this.drafts?.goOn());
    this.form.addEventListener("htmx:responseError", () => this.drafts?.goOn());
    this.querySelectorAll("[data-writes]").forEach((choice) => choice.addEventListener("click", () => this.focusWords()));
    this.kind = this.form.elements.kind?.value;
    this.form.addEventListener("change", (event) => event.target.name === "kind" && this.turns(event.target.value));
    this.querySelectorAll("button[data-takes]").forEach((button) => button.addEventListener("click", () => this.choose(button.dataset.takes)));
    this.showFilled();
    this.opened = writer().then((name) => this.isConnected && this.open(name));
    if (await this.opened) await this.begin();
  }

  disconnectedCallback() {
    document.removeEventListener("deskbell:shown", this.shown);
    removeEventListener("pagehide", this.left);
    removeEventListener("online", this.back);
    this.left();
    this.drafts?.rest();
  }

  open(name) {
    return (this.drafts = new DraftKeeper({
      store: localStorage,
      name: `${document.documentElement.dataset.agent}:${this.dataset.ticket}`,
      writer: name,
      form: this.dataset.once,
      address: this.dataset.keeps,
      version: this.dataset.version,
      read: () => this.read(),
      tell: (state, detail) => this.tell(state, detail),
      renew: renewToken,
    }));
  }

  async begin() {
    const told = this.dataset.once ? await this.drafts.tellOfOthers(isAlive) : 0;
    const isUntouched = this.hasAttribute("data-empty") && !this.hasAttribute("data-refused") && !this.changedBefore && !this.drafts.dirty;
    if (told && isUntouched) return location.reload(); // which shows them
    const found = await this.drafts.left(isAlive);
    const wasSent = this.dataset.once && found.length && (await this.wasSent(found[0]));
    if (this.hasAttribute("data-sent") || wasSent) this.drafts.forget();
    else if (this.drafts.isBehind) await this.catchUp();
    else if (found.length) await this.restore(found[0]);
    if (this.changedBefore || this.hasAttribute("data-refused")) this.keep();
  }

  // A form that leads to another page: what the desk had and has no more was sent; of what it never had it knows the form.
  async wasSent({ version, by }) {
    return (version && !this.drafts.version) || (await this.onDesk(by)).sent;
  }

  // The page was drawn while the words were on their way to the desk: what it has by now is shown.
  async catchUp() {
    const theirs = await this.onDesk(this.drafts.writer);
    if (!(theirs.version > this.drafts.version)) return; // sent or dropped since
    const isChanged = this.changedBefore || this.drafts.dirty;
    if (isChanged && !theirs.own) return this.drafts.collide(theirs);
    this.drafts.version = theirs.version;
    // What this very window wrote before is what was changed here since.
    if (isChanged) return;
    this.fill({ text: theirs.text, html: theirs.html });
  }

  // What is being kept arrives before what is sent: coming after it, it would be a draft of what was said already.
  sends(event) {
    if (event.target !== this.form) return;
    event.preventDefault();
    this.isSending = true;
    this.opened.then(() => this.drafts?.rest()).then(() => {
      if (this.drafts) this.form.elements.version.value = this.drafts.version;
      event.detail.issueRequest(true);
    });
  }

  // Whoever has not begun to write has seen what is on the page; whoever has, is told before it is sent.
  see(step) {
    if (!this.text.value.trim()) this.form.elements.seen_step.value = step;
  }

  // Words that were meant for colleagues alone are about to be a customer's.
  turns(kind) {
    if (this.kind === "note" && this.text.value.trim()) say(this.dataset.wasNote);
    this.kind = kind;
  }

  read() {
    return new URLSearchParams([...new FormData(this.form)].filter(([, value]) => typeof value === "string"));
  }

  keep() {
    this.showFilled();
    if (!this.text.value.trim()) this.asksNoMore();
    if (!this.drafts) return (this.changedBefore = true);
    this.drafts.changed();
  }

  // The words that were asked about are gone.
  asksNoMore() {
    this.form.querySelectorAll(".composer__asks, [name=asked]").forEach((one) => one.remove());
    this.form.querySelectorAll("[data-usual]").forEach((button) => (button.textContent = button.dataset.usual));
  }

  // What a window of this browser had not told the desk.
  async restore({ version, words, by }) {
    const kept = new URLSearchParams(words);
    if (kept.get("text") === this.text.value && kept.get("html") === this.form.elements.html.value) return;
    const theirs = { version: this.drafts.version, text: this.text.value, html: this.form.elements.html.value };
    // What was to go to whom answers went then goes to whom they go now.
    const isAsUsual = (name) => kept.has(`usual_${name}`) && kept.get(name) === kept.get(`usual_${name}`);
    this.fill(Object.fromEntries(FIELDS.filter((name) => kept.has(name) && !isAsUsual(name)).map((name) => [name, kept.get(name)])));
    if (version === this.drafts.version || !theirs.text) return this.drafts.changed();
    this.drafts.rest();
    // What the same window told the desk while it went away is older than what it kept here.
    const { own } = await this.onDesk(by);
    if (this.isSending) return;
    if (own) this.drafts.goOn();
    else this.drafts.collide(theirs);
  }

  // What the desk has by now, and whether that window wrote it; of a form that leads to another page, whether it was sent.
  async onDesk(name) {
    const answer = await asked(`${this.dataset.keeps}?${new URLSearchParams({ writer: name, once: this.dataset.once ?? "" })}`);
    return answer.ok ? answer.json() : {};
  }

  fill(values) {
    for (const [name, value] of Object.entries(values)) {
      const field = this.form.elements[name];
      const choices = this.form.querySelectorAll(`[type=radio][name="${name}"]`);
      // What may be written here can be less than what it was begun as: then it stays among colleagues, for it was never
      // meant for the customer.
      const there = [value, "note"].find((one) => [...choices].some((choice) => choice.value === one));
      if (there) choices.forEach((one) => (one.checked = one.value === there));
      else if (field && !choices.length) field.value = value;
    }
    this.querySelector("desk-rich-text")?.fill?.();
    this.showFilled();
  }

  choose(whose) {
    const theirs = this.drafts.theirs;
    this.querySelector("[data-elsewhere]").hidden = true;
    if (whose === "theirs") this.fill({ text: theirs.text, html: theirs.html });
    this.drafts.goOn();
    this.focusWords();
  }

  tell(state, detail) {
    const said = this.querySelector(".composer__saved");
    if (!said) return;
    said.toggleAttribute("data-alarm", ["offline", "signedOut"].includes(state));
    said.textContent = { kept: () => this.dataset.kept.replace("TIME", moments.time.format(detail)), offline: () => this.dataset.offline, signedOut: () => this.dataset.signedOut }[state]?.() ?? "";
    if (state === "elsewhere") this.querySelector("[data-elsewhere]").hidden = false;
  }

  showFilled() {
    this.form.toggleAttribute("data-filled", Boolean(this.text.value));
    // Browsers that cannot size a field by its content yet.
    if (!CSS.supports("field-sizing", "content") && !this.text.hidden) {
      this.text.style.blockSize = "auto";
      this.text.style.blockSize = `${this.text.scrollHeight}px`;
    }
  }

  focusWords() {
    const rich = this.querySelector("desk-rich-text");
    if (rich?.focusWords) rich.focusWords();
    else this.text.focus();
  }

  sendByKey(event) {
    // Enter in a field presses the first button of its form: that one would send at once.
    if (event.key === "Enter" && event.target.matches("[name$=later_at]")) {
      event.preventDefault();
      return event.target.parentElement.querySelector('[name="later"][value="typed"]').click();
    }
    // Who takes an address or ends a subject with Enter goes on to write: nothing leaves by that.
    if (event.key === "Enter" && event.target.matches("input") && !(event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (!event.target.matches("[type=radio], [type=checkbox], [type=file]")) this.focusWords();
      return;
    }
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    // Pressed, not requestSubmit(): htmx sends the value of a button only when it saw it pressed.
    [...this.form.querySelectorAll("[data-sends]")].find((button) => button.checkVisibility())?.click();
  }
}

customElements.define("desk-composer", Composer);
