// Shortcuts: an element with data-key="r" is pressed (or, if it is a field, focused) by that key; "?" lists them all.
import { KeySequence } from "../models/key_sequence.js";

const sequence = new KeySequence(() => [...document.querySelectorAll("[data-key]")].flatMap((one) => one.dataset.key.split(",")));
// In an open menu letters are nobody's shortcut either: whoever is in one is choosing.
const isTyping = (element) => element.closest?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable], .menu-box[open] > .menu");
const isSeen = (element) => element.checkVisibility?.() ?? true;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Escape" && isTyping(event.target)) return event.target.blur();
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const name = sequence.press(event.key, event.timeStamp);
  if (name && press(name)) event.preventDefault();
});

function press(name) {
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

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-opens-keys]")) document.querySelector("#keys").showModal();
  if (event.target.closest?.("[data-closes]")) event.target.closest("dialog").close();
});
