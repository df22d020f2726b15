// A button that leaves everybody but the customer out of an answer, and takes them in again: Reply and Reply all.

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-copies]");
  if (!button) return;
  const field = button.form.elements.cc;
  field.value = field.value.trim() ? "" : button.dataset.copies;
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

const show = (button) => {
  if (!button.form) return; // in a piece that is not on the page yet
  button.hidden = false;
  button.textContent = button.form.elements.cc.value.trim() ? button.dataset.everybody : button.dataset.nobody;
};

document.addEventListener("input", (event) => event.target.form?.querySelectorAll("[data-copies]").forEach(show));
const showAll = (root) => root.querySelectorAll?.("[data-copies]").forEach(show);
document.addEventListener("htmx:afterSettle", (event) => showAll(event.target));
document.addEventListener("deskbell:shown", () => showAll(document));
showAll(document);
