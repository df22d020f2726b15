// What this page can do, and where its rail leads, as entries of the palette: found in the page, so that both offer the
// same and a right that is missing here is missing there.

// says: its words; key: its shortcut; sign: its icon; element: what is pressed
const entry = (element, says) => ({ says, key: element.dataset.key?.split(",")[0] ?? "", sign: element.querySelector("svg"), element });

export function actions() {
  const all = [...document.querySelectorAll("main [data-key], main .menu__item")];
  return once(all.filter(isOffered).map((element) => entry(element, wordsOf(element))));
}

export function views() {
  const all = [...document.querySelectorAll(".rail .rail__item:not(summary, [data-opens-palette]), .rail .menu__item")];
  return once(all.map((element) => entry(element, textOf(element.querySelector(".rail__label") ?? element))));
}

function isOffered(element) {
  return !element.disabled && !element.closest("[role=listbox], [hidden]") && element.getAttribute("aria-current") !== "true";
}

// In a menu the words of one choice say little without what is chosen: "Postpone: tomorrow".
function wordsOf(element) {
  const own = element.dataset.keySays || element.getAttribute("aria-label") || textOf(element) || fieldOf(element);
  const called = element.matches(".menu__item") ? menuOf(element) : "";
  return called ? `${called}: ${own}` : own;
}

// What is chosen in the menu around a choice: its button says so without the key; else its title. "" where nothing is.
function menuOf(choice) {
  const title = (choice.closest("form") ?? choice).parentElement.querySelector(".menu__title");
  const button = choice.closest(".menu-box > .menu")?.previousElementSibling;
  if (!title || !button) return "";
  return button.title.replace(/ \(.\)$/, "") || textOf(title);
}

const fieldOf = (element) => (element.labels?.length ? textOf(element.labels[0]) : (element.placeholder ?? ""));

function textOf(element) {
  const copy = element.cloneNode(true);
  copy.querySelectorAll(".key, kbd, .rail__count, .count, .switch").forEach((one) => one.remove());
  return copy.textContent.replace(/\s+/g, " ").trim();
}

// The same words twice are the same thing: a menu of a phone repeats the rail.
function once(entries) {
  const said = new Set();
  return entries.filter(({ says }) => says && !said.has(says) && said.add(says));
}
