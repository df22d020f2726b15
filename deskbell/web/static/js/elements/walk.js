// j and k walk through the rows of a list, Enter opens; the row that has the focus is the one you are on.

const rows = () => [...document.querySelectorAll(".row__subject")];
const isTyping = (element) => element.closest?.("input, textarea, select, dialog");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const step = { j: 1, k: -1 }[event.key];
  if (!step || !rows().length) return;
  const here = rows().indexOf(document.activeElement);
  const next = rows()[here === -1 ? 0 : here + step];
  next?.focus();
  next?.closest(".row").scrollIntoView({ block: "nearest" });
});
