// Shortcuts: an element with data-key="r" is pressed (or, if it is a field, focused) by that key; "?" lists them all.
import { KeySequence } from "../models/key_sequence.js";
import { lettersRest } from "../models/letter_keys.js";

const sequence = new KeySequence(() => [...document.querySelectorAll("[data-key]")].flatMap((one) => one.dataset.key.split(",")));
// In an open menu letters are nobody's shortcut either: whoever is in one is choosing.
const isTyping = (element) => element.closest?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable], .menu-box[open] > .menu");
// An act is on its way to the desk, and z was pressed meanwhile: it takes back that act, not the one before.
let acting = 0;
let undoes = false;
// What the composer asked for is on its way: letters are meant for the words, and are nobody's shortcuts until it is there.
let composing = 0; // until when, in ms
const PATIENCE_MS = 2_000;
const isComposing = () => performance.now() < composing;
const isSeen = (element) => element.checkVisibility?.() ?? true;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Escape" && isTyping(event.target)) return event.target.blur();
  if (lettersRest() || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const name = sequence.press(event.key, event.timeStamp);
  if (isComposing() && name !== "z" && event.key.length === 1 && event.key !== " ") return event.preventDefault();
  if (name && press(name)) event.preventDefault();
});

function press(name) {
  if (name === "z" && (acting || isComposing())) return (undoes = true);
  const all = [...document.querySelectorAll("[data-key]")].filter((one) => one.dataset.key.split(",").includes(name) && !one.closest("[hidden]"));
  const element = all.find(isSeen) ?? all[0];
  if (!element) return false;
  use(element);
  return true;
}

// Presses what can be pressed, and goes into a field; who opens a menu by a key walks it from there.
export function use(element) {
  if (element.matches("summary")) element.focus();
  if (element.matches("textarea, input:not([type=radio])")) focusField(element);
  else element.click();
}

// On a narrow page the side lies beyond the edge until its address is called.
function focusField(field) {
  const aside = field.closest("aside[id]");
  if (aside && !isSeen(field)) location.hash = aside.id;
  field.focus();
}

// What is written is kept first, and then it is asked for.
document.addEventListener("submit", ({ target }) => target.matches("desk-composer form[hx-post]") && (composing = performance.now() + PATIENCE_MS), { capture: true });
document.addEventListener("htmx:beforeRequest", ({ detail: { xhr, requestConfig } }) => {
  if (requestConfig.verb === "get") return;
  if (!acting && !isComposing()) undoes = false;
  acting += 1;
  // Not htmx's own event: that of a form which was exchanged meanwhile reaches nobody.
  xhr.addEventListener("loadend", () => acted(xhr));
});

function acted(xhr) {
  acting -= 1;
  composing = 0;
  if (acting || xhr.getResponseHeader("X-Token-Unfit")) return; // it is asked for once more
  const isDone = xhr.status >= 200 && xhr.status < 300 && !xhr.getResponseHeader("HX-Redirect");
  const wanted = undoes && isDone;
  undoes = false;
  if (wanted) press("z");
}

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-opens-keys]")) document.querySelector("#keys").showModal();
  if (event.target.closest?.("[data-closes]")) event.target.closest("dialog").close();
});
