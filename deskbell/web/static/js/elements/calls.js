// Calling colleagues to a note: "@" after a blank opens the list, the letters behind it narrow it, Enter or Tab takes
// the first, an arrow leads into it. The words stay in the text; the list's button says how many are called.
const CALL = /(^|\s)@([^\s@]*)$/u;

const listOf = (field) => field.form?.querySelector(".composer__call");
// An editor with looks stands over the field and knows where its caret is (rich_text.js).
const before = (field) => field.wordsBefore?.() ?? field.value.slice(0, field.selectionStart);
const fits = (label, typed) => label.textContent.trim().toLocaleLowerCase().includes(typed.toLocaleLowerCase());

document.addEventListener("input", (event) => {
  const field = event.target;
  const list = listOf(field);
  if (!list) return;
  if (field.name === "call") showCalled(list);
  if (field.name !== "text" || field.form.elements.kind?.value !== "note") return;
  const typed = CALL.exec(before(field))?.[2];
  const shown = [...list.querySelectorAll("label")].filter((label) => {
    label.hidden = typed !== undefined && !fits(label, typed);
    return !label.hidden;
  });
  list.open = typed !== undefined && shown.length > 0;
});

// Before the editor sees the key: there, Enter would end the line.
addEventListener("keydown", (event) => {
  const field = event.target.closest?.("form")?.elements.text;
  const list = field && (event.target === field || event.target.isContentEditable) && listOf(field);
  if (!list?.open) return;
  const first = list.querySelector("label:not([hidden]) input");
  if (event.key === "ArrowDown") first.focus();
  else if (["Enter", "Tab"].includes(event.key) && CALL.exec(before(field))?.[2]) take(field, list, first);
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);

function take(field, list, box) {
  const typed = CALL.exec(before(field))[2];
  const name = `${box.closest("label").textContent.trim()} `;
  if (field.replaceBefore) field.replaceBefore(typed.length, { type: "text", text: name });
  else field.setRangeText(name, field.selectionStart - typed.length, field.selectionStart, "end");
  if (!box.checked) box.click();
  list.open = false;
}

function showCalled(list) {
  const count = list.querySelectorAll(":checked").length;
  list.querySelector(".composer__called").textContent = count ? `(${count})` : "";
}
