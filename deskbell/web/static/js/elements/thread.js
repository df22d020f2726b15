// <desk-thread data-ticket data-step data-entries>: shows the newest first of all, and fetches what came since.
// The socket only says that something changed; the page asks the ordinary address, so rights are checked in one place.
import { asked } from "../models/asked.js";
import { countAll } from "./due.js";
import { remember } from "../models/recent_tickets.js";
import { wordTimes } from "./local_time.js";

class Thread extends HTMLElement {
  connectedCallback() {
    this.list = this.querySelector("ol");
    remember(this.dataset.ticket);
    this.heard = (event) => this.hear(event.detail);
    document.addEventListener("deskbell:changed", this.heard);
    // A letter grows when its frame has come: who is at the end stays there.
    this.scrolled = () => (this.stays = this.isAtEnd());
    // Caught on the way down: where the page itself scrolls, no element hears of it.
    document.addEventListener("scroll", this.scrolled, { passive: true, capture: true });
    this.growth = new ResizeObserver(() => this.stays && this.showEnd());
    this.growth.observe(this.list);
    this.comeEarlier = (event) => event.target.id === "earlier" && this.keepPlace();
    this.addEventListener("htmx:beforeSwap", this.comeEarlier);
    if (!location.hash) this.showEnd();
  }

  disconnectedCallback() {
    document.removeEventListener("deskbell:changed", this.heard);
    document.removeEventListener("scroll", this.scrolled, { capture: true });
    this.growth.disconnect();
  }

  hear({ ticket, step }) {
    if (ticket === this.dataset.ticket && !(step <= Number(this.dataset.step))) this.catchUp();
  }

  // One request at a time; what is said meanwhile is asked for afterwards.
  async catchUp() {
    if (this.asking) return (this.again = true);
    this.asking = true;
    try {
      const answer = await asked(`${this.dataset.entries}?since=${this.dataset.step}`, { headers: { "X-Piece": "entries" } });
      if (answer.ok) await this.take(await answer.text());
      else if (answer.status === 404) this.showGone();
    } finally {
      this.asking = false;
      if (this.again) {
        this.again = false;
        this.catchUp();
      }
    }
  }

  async take(html) {
    if (!this.isConnected) return; // a newer thread stands in its place meanwhile
    const pieces = new DOMParser().parseFromString(html, "text/html");
    const wasAtEnd = this.isAtEnd();
    if (pieces.querySelector("#pieces").hasAttribute("data-anew")) await this.drawAnew();
    // A page of the earlier ones does not reach down to where new ones stand.
    else if (!("past" in this.dataset)) for (const entry of pieces.querySelectorAll("#pieces > ol > li")) this.place(entry);
    for (const piece of pieces.querySelectorAll("#pieces > [id]")) this.replace(piece);
    this.dataset.step = pieces.querySelector("#pieces").dataset.step;
    if (wasAtEnd) this.showEnd();
    this.dispatchEvent(new CustomEvent("deskbell:shown", { bubbles: true, detail: { step: this.dataset.step } }));
  }

  // Something changed what stands above it: words were taken out, another ticket was merged in, an act was undone.
  async drawAnew() {
    const answer = await asked(this.dataset.page, { headers: { "X-Piece": "thread" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    this.list.replaceChildren(...page.querySelectorAll("desk-thread > ol > li"));
    this.dress(this.list);
  }

  // Earlier ones are put in above what is read, which stays where it is; a browser holds it only where it is not the top.
  keepPlace() {
    const below = this.scroller.scrollHeight - this.scroller.scrollTop;
    requestAnimationFrame(() => {
      wordTimes(this.list);
      this.nameDaysOnce();
      this.scroller.scrollTop = this.scroller.scrollHeight - below;
      (this.list.querySelector("#earlier a") ?? this.closest(".ticket__thread"))?.focus({ preventScroll: true });
    });
  }

  // A day that goes on where the earlier ones end has its heading above them.
  nameDaysOnce() {
    let above = null;
    for (const heading of this.list.querySelectorAll(".entry--day")) {
      if (heading.textContent !== above?.textContent) {
        above = heading;
        continue;
      }
      if (!("quiet" in heading.dataset)) delete above.dataset.quiet;
      heading.remove();
    }
  }

  // Removed for good, or handed on: what was said is no longer shown here; what was typed stays with its writer.
  showGone() {
    const line = document.createElement("li");
    line.className = "entry entry--line";
    line.append(document.createElement("span"), this.dataset.gone);
    this.list.replaceChildren(line);
  }

  place(entry) {
    const shown = entry.id && document.getElementById(entry.id);
    const fresh = document.adoptNode(entry);
    if (!shown) fresh.dataset.fresh = "";
    if (shown) shown.replaceWith(fresh);
    else this.list.append(fresh);
    this.dress(fresh);
  }

  // A menu that is open stays as it is: nothing changes under the pointer.  What was pressed stays until its
  // answer is here, which brings the whole ticket: htmx swaps wrongly for a form that is gone.
  replace(piece) {
    const shown = document.getElementById(piece.id);
    if (shown?.querySelector(".htmx-request")) return;
    if (shown?.querySelector("#sends")) return this.replaceComposer(shown, piece);
    const held = shown?.contains(document.activeElement) && document.activeElement;
    if (!shown || shown.querySelector("details[open]") || (held && !held.matches("[data-shown]"))) return;
    if ([...shown.querySelectorAll(".input")].some((field) => field.value !== field.defaultValue && field.matches("input, textarea"))) return;
    const fresh = this.exchange(shown, piece);
    // Who chose what the thread shows is through with it, and keeps their place among the buttons.
    if (held) fresh.querySelector(`[data-shown][value=${held.value}]`)?.focus();
  }

  // Where somebody writes, only the buttons change: what may be sent follows the ticket, the words and what
  // their writer has seen stay. When no answer may be sent any more, the words go on as a note's.
  replaceComposer(shown, piece) {
    const text = shown.querySelector("textarea");
    const isFocused = text.parentElement.contains(document.activeElement); // the field, or the editor over it
    const mayReply = (box) => Boolean(box.querySelector(".for-reply"));
    if (mayReply(shown) === mayReply(piece)) {
      if (!text.value && !isFocused) return this.exchange(shown, piece);
      // Who is being asked whether to send it all the same answers that question, with its own buttons.
      if (shown.querySelector(".composer__asks")) return;
      return shown.querySelector("#sends").replaceWith(document.adoptNode(piece.querySelector("#sends")));
    }
    const fresh = this.exchange(shown, piece).querySelector("textarea");
    if (fresh && isFocused) fresh.focus();
  }

  exchange(shown, piece) {
    const fresh = document.adoptNode(piece);
    shown.replaceWith(fresh);
    this.dress(fresh);
    return fresh;
  }

  dress(element) {
    wordTimes(element);
    countAll(element);
    window.htmx?.process(element);
  }

  // On a phone the page itself scrolls, not the thread inside it.
  get scroller() {
    const own = this.closest(".ticket__thread");
    return own && getComputedStyle(own).overflowY === "auto" ? own : document.scrollingElement;
  }

  isAtEnd() {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < 80;
  }

  showEnd() {
    this.stays = true;
    this.scroller.scrollTo(0, this.scroller.scrollHeight);
  }
}

customElements.define("desk-thread", Thread);
