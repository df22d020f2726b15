// The numbers of saved views, and of what was found: asked for after the page, and again when something changed; the desk
// says when that is too early.
import { asked } from "../models/asked.js";
import { showCounters } from "../models/counters.js";

const PAUSE_MS = 300; // so often at most, however much happens
let timer = null;

function addresses() {
  const found = [...document.querySelectorAll("[data-count-from]")].map((one) => one.dataset.countFrom);
  return document.querySelector('[data-counter^="saved-"]') ? ["/views/counters", ...found] : found;
}

function soon(pause = PAUSE_MS) {
  if (timer || !addresses().length) return;
  timer = setTimeout(ask, pause);
}

async function ask() {
  const waits = await Promise.all(addresses().map(show));
  timer = null;
  const again = Math.min(...waits.filter(Boolean));
  if (Number.isFinite(again)) soon(again);
}

// In how many ms it is worth asking again; 0: what is shown stands.
async function show(address) {
  const answer = await asked(address);
  if (!answer.ok) return 0;
  const pieces = new DOMParser().parseFromString(await answer.text(), "text/html");
  showCounters(pieces);
  return Number(pieces.querySelector("[data-again]")?.dataset.again ?? 0);
}

document.addEventListener("deskbell:changed", () => soon());
document.addEventListener("deskbell:stale", () => soon());
document.addEventListener("deskbell:back", () => soon());
soon(0);
