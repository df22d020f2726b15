// <sweep-bar data-from>: how far a sweep is, asked for again while it is going; a page has one in its rail and one for phones.
import { asked } from "../models/asked.js";
import { whisper } from "../models/toast.js";

const PAUSE_MS = 1_000;
const bars = () => [...document.querySelectorAll("sweep-bar")];
const isGoing = () => document.querySelector('.sweep[data-state="going"]');

async function look() {
  const [bar] = bars();
  if (!bar || !isGoing()) return;
  const back = location.pathname + location.search;
  const answer = await asked(`${bar.dataset.from}?${new URLSearchParams({ back })}`);
  if (answer.type === "opaqueredirect") return; // signed out elsewhere
  if (answer.ok) take(new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".sweep"));
  setTimeout(look, PAUSE_MS);
}

// While it is going only its figures change, so that nothing moves under the pointer or the keyboard.
function take(piece) {
  const ended = piece?.dataset.state !== "going";
  for (const bar of bars()) {
    const shown = bar.querySelector(".sweep");
    if (!piece) bar.remove();
    else if (ended || piece.dataset.sweep !== shown.dataset.sweep) shown.replaceWith(piece.cloneNode(true));
    else {
      shown.querySelector("progress").value = piece.querySelector("progress").value;
      shown.querySelector(".sweep__percent").textContent = piece.querySelector(".sweep__percent").textContent;
    }
  }
  if (!piece || !ended) return;
  whisper(`${piece.querySelector(".sweep__what").textContent} ${piece.querySelector("[data-says]").textContent}`);
  undoByKey();
  if (document.querySelector(`[data-sweep-page="${piece.dataset.sweep}"]`)) location.reload();
}

// z takes back what was done last: in a list that is the sweep, on a ticket what was done there.
function undoByKey() {
  if (!document.querySelector("desk-list") || document.querySelector(".inbox__done")) return;
  for (const button of document.querySelectorAll("[data-undoes]")) button.dataset.key = "z";
}

undoByKey();
setTimeout(look, PAUSE_MS);
