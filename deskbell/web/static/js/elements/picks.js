// Picks rows of a list: by their boxes, with shift a span, by x the row under the keyboard, by Ctrl-A all on the page and then
// all that match; Escape lets go. The form that the boxes belong to says how many, and fetches what may be done with them.
import { asked } from "../models/asked.js";
import { lettersRest } from "../models/letter_keys.js";

const form = document.querySelector("#picked");
const boxes = () => [...document.querySelectorAll(".row__pick")];
const whole = () => form.querySelector("[name=all]");
const isTyping = (element) => element.closest?.("input:not([type=checkbox]), textarea, select, dialog, .menu-box[open] > .menu");
let last = ""; // the code where a span begins; its row may be drawn anew meanwhile
let acts = null; // the promise of the acts

function show() {
  const all = boxes();
  const picked = all.filter((box) => box.checked);
  form.hidden = !picked.length;
  form.querySelector(".picks__number").textContent = picked.length ? form.dataset.says.replace("0", picked.length) : "";
  if (picked.length) acts ??= fetchActs();
  const box = whole();
  if (!box) return;
  const isAll = picked.length === all.length;
  box.closest("label").hidden = !isAll;
  if (!isAll) box.checked = false;
}

async function fetchActs() {
  const answer = await asked(form.dataset.acts);
  if (!answer.ok) return (acts = null); // the button that stands there leads on
  form.querySelector(".picks__acts").innerHTML = await answer.text();
  show();
}

function pick(checked, those = boxes()) {
  for (const box of those) box.checked = checked;
  show();
}

function span(to) {
  const all = boxes();
  const [first, end] = [all.findIndex((box) => box.value === last), all.indexOf(to)].sort((a, b) => a - b);
  if (first >= 0) pick(to.checked, all.slice(first, end + 1));
}

const keys = {
  x: (event) => {
    const box = event.target.closest?.(".row")?.querySelector(".row__pick");
    if (!box) return false;
    box.checked = !box.checked;
    last = box.value;
    show();
    return true;
  },
  Escape: () => {
    if (form.hidden || document.querySelector("details.menu-box[open]")) return false;
    pick(false);
    return true;
  },
};

function pressed(event) {
  if (isTyping(event.target) || document.querySelector("dialog[open]") || event.altKey) return;
  if (event.ctrlKey || event.metaKey) {
    if (event.key.toLowerCase() !== "a" || !boxes().length) return;
    event.preventDefault();
    if (boxes().every((box) => box.checked) && whole()) whole().checked = true;
    return pick(true);
  }
  if (event.key !== "Escape" && lettersRest()) return;
  if (keys[event.key]?.(event)) event.preventDefault();
}

// What is typed for an act belongs to the button beside it, not to the first one of the form.
function entered(event) {
  if (event.key !== "Enter" || !event.target.matches(".picks .menu__form input")) return;
  event.preventDefault();
  event.target.closest(".menu__form").querySelector("button").click();
}

if (form) {
  document.addEventListener("click", (event) => {
    if (!event.target.matches?.(".row__pick")) return;
    if (event.shiftKey) span(event.target);
    last = event.target.value;
    show();
  });
  // Before a menu hears of Escape: the first closes it, the second lets go.
  document.addEventListener("keydown", pressed, { capture: true });
  document.addEventListener("htmx:afterSettle", show);
  addEventListener("pageshow", show);
  show();
}
document.addEventListener("keydown", entered);
// A menu that asks for words is opened to write them; where it asks for a ticket, those that are picked are offered.
function opened({ target }) {
  if (!target.matches?.(".picks details[open]")) return;
  target.querySelector(".menu input, .menu textarea")?.focus();
  if (!form) return;
  const offered = boxes().filter((box) => box.checked);
  const subject = (box) => box.closest(".row").querySelector(".row__subject").textContent;
  target.querySelector("#sweep-picked")?.replaceChildren(...offered.map((box) => new Option(subject(box), box.value)));
}

document.addEventListener("toggle", opened, { capture: true });
