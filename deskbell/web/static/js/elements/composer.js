// <desk-composer>: keeps the draft, remembers Reply or Note, sends with Ctrl-Enter. The form inside works without it.
import { DraftKeeper } from "../models/draft_keeper.js";

class Composer extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.text = this.form.elements.text;
    this.drafts = new DraftKeeper(sessionStorage, this.dataset.ticket);
    if (this.hasAttribute("data-sent")) this.drafts.forget();
    this.restore();
    this.shown = (event) => this.see(event.detail.step);
    document.addEventListener("deskbell:shown", this.shown);
    // Not "change": it also comes when a form that was sent is taken off the page, after its draft was forgotten.
    this.form.addEventListener("input", () => this.keep());
    this.text.addEventListener("keydown", (event) => this.sendByKey(event));
    this.querySelectorAll("[data-writes]").forEach((choice) => choice.addEventListener("click", () => this.text.focus()));
  }

  disconnectedCallback() {
    document.removeEventListener("deskbell:shown", this.shown);
  }

  // Whoever has not begun to write has seen what is on the page; whoever has, is told before it is sent.
  see(step) {
    if (!this.text.value.trim()) this.form.elements.seen_step.value = step;
  }

  keep() {
    this.drafts.keep({ text: this.text.value, kind: this.form.elements.kind.value });
    this.showFilled();
  }

  // What the server sent back (a refused answer) is newer than what was kept here.
  restore() {
    const draft = this.drafts.kept();
    if (draft && !this.text.value) {
      this.text.value = draft.text;
      const choice = this.form.querySelector(`[name="kind"][value="${draft.kind}"]`);
      if (choice) choice.checked = true;
    }
    this.showFilled();
  }

  showFilled() {
    this.form.toggleAttribute("data-filled", Boolean(this.text.value));
    // Browsers that cannot size a field by its content yet.
    if (!CSS.supports("field-sizing", "content")) {
      this.text.style.blockSize = "auto";
      this.text.style.blockSize = `${this.text.scrollHeight}px`;
    }
  }

  sendByKey(event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    this.form.requestSubmit([...this.form.querySelectorAll("[data-sends]")].find((button) => button.checkVisibility()));
  }
}

customElements.define("desk-composer", Composer);
