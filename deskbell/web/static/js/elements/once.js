// A form is sent once: while it is under way its buttons rest, and the one that was pressed turns.
// The server refuses a second sending by the form's token anyway; this only spares the wait.

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  // What is sent into a frame leaves the page as it is: a preview, which changes nothing.
  if (event.submitter?.formTarget) return;
  if (form.dataset.under === "way") return event.preventDefault();
  form.dataset.under = "way";
  (event.submitter ?? form.querySelector("button"))?.setAttribute("aria-busy", "true");
});

function release(root) {
  root.querySelectorAll('form[data-under="way"]').forEach((form) => delete form.dataset.under);
  root.querySelectorAll('form button[aria-busy="true"]').forEach((button) => button.removeAttribute("aria-busy"));
}

// Back from the browser's own cache, or after a failed request, the form is fresh again.
addEventListener("pageshow", () => release(document));
document.addEventListener("htmx:afterRequest", () => release(document));
