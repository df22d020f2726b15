// <desk-bell data-last data-news data-sound>: the desk says that its agent was told something; the bell's number, the
// title of the page and, where wished, a sound and a notice of the browser follow. What happens on the ticket that
// the reader looks at is read at once.
import { asked } from "../models/asked.js";
import { wordTimes } from "./local_time.js";
import { alertOnce } from "../models/alerts.js";
import { showCounters } from "../models/counters.js";

const PAUSE_MS = 200; // several at once are asked for together

class Bell extends HTMLElement {
  connectedCallback() {
    this.last = Number(this.dataset.last);
    this.heard = ({ detail }) => detail.notices > this.last && this.soon();
    this.back = () => document.hidden || this.soon();
    document.addEventListener("deskbell:notices", this.heard);
    for (const name of ["deskbell:back", "deskbell:stale", "visibilitychange"]) document.addEventListener(name, this.back);
    document.addEventListener("htmx:afterSettle", () => this.entitle());
    this.watch = new MutationObserver(() => this.entitle());
    const shown = document.querySelector('.rail [data-counter="notices"]');
    if (shown) this.watch.observe(shown, { childList: true, characterData: true, subtree: true });
    this.entitle();
  }

  disconnectedCallback() {
    document.removeEventListener("deskbell:notices", this.heard);
    for (const name of ["deskbell:back", "deskbell:stale", "visibilitychange"]) document.removeEventListener(name, this.back);
    this.watch.disconnect();
    clearTimeout(this.timer);
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE_MS);
  }

  async ask() {
    const answer = await asked(`${this.dataset.news}?since=${this.last}`);
    if (answer.ok) await this.take(await answer.text());
  }

  async take(html) {
    const pieces = new DOMParser().parseFromString(html, "text/html");
    wordTimes(pieces);
    const news = [...pieces.querySelectorAll("[data-notice]")];
    this.last = Math.max(this.last, ...news.map((one) => Number(one.dataset.notice)));
    const seen = document.hidden ? "" : (document.querySelector("desk-thread")?.dataset.ticket ?? "");
    if (news.some((one) => one.dataset.ticket === seen)) return this.read(seen, news);
    showCounters(pieces);
    this.alert(news, "");
  }

  // The reader looks at this very ticket: nothing is left to be told of it.
  async read(code, news) {
    const token = document.querySelector("input[name=csrfmiddlewaretoken]").value;
    const form = new URLSearchParams({ csrfmiddlewaretoken: token, _method: "DELETE" });
    const answer = await asked(`/tickets/${code}/unread`, { method: "POST", body: form });
    if (answer.ok) showCounters(new DOMParser().parseFromString(await answer.text(), "text/html"));
    this.alert(news, code);
  }

  alert(news, seen) {
    for (const one of news) {
      if (one.dataset.ticket !== seen) alertOnce(one.dataset, one.textContent, this.dataset.sound);
      document.dispatchEvent(new CustomEvent("deskbell:changed", { detail: { ticket: one.dataset.ticket, step: 0 } }));
    }
  }

  entitle() {
    const count = document.querySelector('.rail [data-counter="notices"]')?.textContent.trim() ?? "";
    const bare = document.title.replace(/^\(\d+\+?\) /, "");
    const title = count ? `(${count}) ${bare}` : bare;
    if (document.title !== title) document.title = title;
  }
}

customElements.define("desk-bell", Bell);
