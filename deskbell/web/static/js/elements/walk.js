// j and k walk through the rows of a list, Enter opens; the row that has the focus is the one you are on.

const rows = () => [...document.querySelectorAll(".row")];
const isTyping = (element) => element.closest?.("input:not([type=checkbox]), textarea, select, dialog, .menu-box[open] > .menu");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const step = { j: 1, k: -1 }[event.key];
  if (!step || !rows().length) return;
  const here = rows().indexOf(document.activeElement.closest?.(".row"));
  const next = rows()[here === -1 ? 0 : here + step];
  next?.querySelector(".row__subject").focus();
  next?.scrollIntoView({ block: "nearest" });
});
