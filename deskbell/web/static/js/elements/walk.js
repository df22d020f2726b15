// j and k walk through the rows of a list, Enter opens; the row that has the focus is the one you are on. Whoever comes
// back to a list walks on from the row where they were last.
import { lettersRest } from "../models/letter_keys.js";

const LAST = "deskbell:row";

const rows = () => [...document.querySelectorAll(".row")];
const subjectOf = (row) => row.querySelector(".row__subject");
const list = () => location.pathname + location.search;
const isTyping = (element) => element.closest?.("input:not([type=checkbox]), textarea, select, dialog, .menu-box[open] > .menu");

document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.(".row");
  if (row) sessionStorage.setItem(LAST, JSON.stringify([list(), subjectOf(row).href]));
});

document.addEventListener("keydown", (event) => {
  if (lettersRest() || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const step = { j: 1, k: -1 }[event.key];
  if (!step || !rows().length) return;
  const here = rows().indexOf(document.activeElement.closest?.(".row"));
  const from = here === -1 ? left() : here;
  const next = rows()[from === -1 ? 0 : from + step];
  if (!next) return;
  subjectOf(next).focus();
  next.scrollIntoView({ block: "nearest" });
});

// Where they were last on this list; -1 for nowhere.
function left() {
  const [where, href] = JSON.parse(sessionStorage.getItem(LAST) ?? "[]");
  return where === list() ? rows().findIndex((row) => subjectOf(row).href === href) : -1;
}
