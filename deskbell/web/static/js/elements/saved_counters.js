// The numbers of saved views: asked for after the page, and again when something changed; the desk says when that is too early.
import { asked } from "../models/asked.js";
import { showCounters } from "../models/counters.js";

const PAUSE_MS = 300; // so often at most, however much happens
let timer = null;

function soon(pause = PAUSE_MS) {
  if (timer || !document.querySelector('[data-counter^="saved-"]')) return;
  timer = setTimeout(ask, pause);
}

async function ask() {
  const answer = await asked("/views/counters");
  timer = null;
  if (!answer.ok) return;
  const pieces = new DOMParser().parseFromString(await answer.text(), "text/html");
  showCounters(pieces);
  const again = Number(pieces.querySelector("[data-again]")?.dataset.again ?? 0);
  if (again) soon(again);
}

document.addEventListener("deskbell:changed", () => soon());
document.addEventListener("deskbell:stale", () => soon());
document.addEventListener("deskbell:back", () => soon());
soon(0);
