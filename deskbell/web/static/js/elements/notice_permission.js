// <notice-permission>: says whether this browser may show notices, and asks for it on a click and never by itself.
import { play } from "../models/alerts.js";

class NoticePermission extends HTMLElement {
  connectedCallback() {
    this.asks = this.querySelector("[data-asks]");
    this.asks.addEventListener("click", async () => {
      await Notification.requestPermission();
      this.show();
    });
    const plays = this.querySelector("[data-plays]");
    plays.hidden = false;
    plays.addEventListener("click", () => play(this.dataset.sound));
    this.show();
  }

  show() {
    const state = window.isSecureContext && window.Notification ? Notification.permission : "missing";
    this.querySelector("[data-says]").textContent = this.dataset[state];
    this.asks.hidden = state !== "default";
  }
}

customElements.define("notice-permission", NoticePermission);
