// <input name="zone" data-zone>: tells the desk in which zone a moment is typed: the browser's, in which the page
// tells all times. Without scripts the zone of the account counts.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

function fill(root) {
  root.querySelectorAll("input[data-zone]").forEach((field) => (field.value = zone));
  // A moment that the server wrote into a field in the account's zone, said again in the reader's.
  root.querySelectorAll("input[data-instant]").forEach((field) => {
    const at = new Date(field.dataset.instant);
    field.value = new Date(at - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  });
}

fill(document);
document.addEventListener("htmx:afterSettle", () => fill(document));
document.addEventListener("deskbell:shown", () => fill(document));
