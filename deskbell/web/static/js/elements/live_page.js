// Keeps a page of the desk live: tells the desk what it shows, and the page what changed. On document:
// deskbell:changed {ticket, step}, deskbell:presence {presence, people}, deskbell:notices {notices}, deskbell:lost, deskbell:back, deskbell:stale;
// <html data-connection> is "opening", "on", "lost" or "ended". What shows a ticket has data-ticket and data-step.
import { LiveConnection } from "../models/live_connection.js";

const TYPING_MS = 3_000; // so often it is said again that somebody types
const PATIENCE_MS = 4_000;
const RELOAD_MS = 10_000; // a list is not drawn anew more often

class LivePage {
  constructor() {
    this.knownSince = performance.timeOrigin;
    this.line = window.SharedWorker ? this.sharedLine() : this.ownLine();
    document.addEventListener("htmx:afterSettle", () => this.showsAnother() && this.ask());
    document.addEventListener("visibilitychange", () => this.look());
    document.addEventListener("input", (event) => event.target.closest("[data-ticket]") && this.type());
    addEventListener("pagehide", () => this.line.bye());
    addEventListener("pageshow", (event) => event.persisted && this.line.hello());
    this.line.hello();
    setTimeout(() => document.documentElement.dataset.connection ?? this.goAlone(), PATIENCE_MS);
  }

  // One connection for all pages of this browser …
  sharedLine() {
    const script = new URL("../live_worker.js", import.meta.url);
    const name = `deskbell ${document.documentElement.dataset.agent ?? ""}`;
    const { port } = new SharedWorker(script, { name, type: "module" });
    port.addEventListener("message", ({ data }) => (data.state ? this.become(data.state) : this.hear(data.heard)));
    port.start();
    return {
      hello: () => port.postMessage({ hello: true }),
      say: (say) => port.postMessage({ say }),
      bye: () => port.postMessage({ bye: true }),
    };
  }

  // … or one of its own, where the browser cannot share.
  ownLine() {
    const address = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live`;
    const live = new LiveConnection(address, { hear: (heard) => this.hear(heard), become: (state) => this.become(state) });
    return { hello: () => live.start(), say: (words) => live.say(words), bye: () => live.stop() };
  }

  // The shared script did not come to life: an older browser.
  goAlone() {
    this.line = this.ownLine();
    this.line.hello();
  }

  become(state) {
    const before = document.documentElement.dataset.connection;
    document.documentElement.dataset.connection = state;
    if (state === "on") this.ask();
    else if (before === "on") this.knownSince = Date.now();
    if (["lost", "ended"].includes(state) && before === "on") this.tell("lost");
    if (state === "on" && ["lost", "ended"].includes(before)) this.tell("back");
    if (state === "ended") this.leave();
  }

  // Signed out elsewhere: the page asks anew, and the door answers. What somebody is writing is left to them.
  leave() {
    const left = Number(sessionStorage.getItem("left") ?? 0);
    if (document.querySelector("#text")?.value.trim() || Date.now() - left < 60_000) return;
    sessionStorage.setItem("left", String(Date.now()));
    location.reload();
  }

  // Say what is shown and how far it is known; the desk answers with what was missed.
  ask() {
    this.shown = this.thread();
    this.list = document.querySelector("desk-list");
    if (this.shown) this.line.say({ ticket: this.shown.dataset.ticket, since: Number(this.shown.dataset.step) });
    // The rail counts what lists show.  Two seconds more: the answer was on its way, and clocks are not that exact.
    this.line.say({ list: true, seconds: (Date.now() - this.knownSince) / 1000 + 2 });
    this.look();
  }

  showsAnother() {
    const changed = this.shown !== this.thread() || this.list !== document.querySelector("desk-list");
    if (changed) this.knownSince = Date.now();
    return changed;
  }

  thread() {
    return document.querySelector("[data-ticket][data-step]");
  }

  look(typing = false) {
    const looks = document.hidden ? "" : (this.thread()?.dataset.ticket ?? "");
    this.line.say({ looks, typing });
  }

  type() {
    if (Date.now() - (this.typedAt ?? 0) < TYPING_MS) return;
    this.typedAt = Date.now();
    this.look(true);
  }

  hear(heard) {
    if (heard.stale) this.drawAnew();
    else if (heard.notices) this.tell("notices", heard);
    else if (heard.presence) this.tell("presence", heard);
    else if (heard.ticket) this.tell("changed", heard);
  }

  // Away for so long that the desk cannot say what was missed.
  drawAnew() {
    if (!this.tell("stale") || !this.list) return;
    const last = Number(sessionStorage.getItem("deskbell:drawn"));
    if (Date.now() - last < RELOAD_MS) return;
    sessionStorage.setItem("deskbell:drawn", Date.now());
    location.reload();
  }

  tell(name, detail) {
    return document.dispatchEvent(new CustomEvent(`deskbell:${name}`, { detail, cancelable: true }));
  }
}

if (document.querySelector(".desk")) new LivePage();
