// <summary data-gives-way>: it goes when what it opens is there (Cc and Bcc, the pencil of a subject), and the caret goes
// into the first field: left on what is hidden it would be lost, and the next letters would be shortcuts.

document.addEventListener("click", (event) => {
  const summary = event.target.closest?.("summary[data-gives-way]");
  if (!summary) return;
  event.preventDefault(); // opened here and now, for only what is shown takes the focus
  summary.parentElement.open = true;
  summary.parentElement.querySelector("input:not([type=hidden])").focus();
});
