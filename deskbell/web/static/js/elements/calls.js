// Calling colleagues to a note: "@" after a blank opens the list, and its button says how many are called.

document.addEventListener("input", (event) => {
  const field = event.target;
  const list = field.form?.querySelector(".composer__call");
  if (!list) return;
  if (field.name === "call") showCalled(list);
  const isNote = field.form.elements.kind?.value === "note";
  if (field.name === "text" && isNote && /(^|\s)@$/.test(field.value.slice(0, field.selectionStart))) open(list);
});

function open(list) {
  list.open = true;
  list.querySelector("input").focus();
}

function showCalled(list) {
  const count = list.querySelectorAll(":checked").length;
  list.querySelector(".composer__called").textContent = count ? `(${count})` : "";
}
