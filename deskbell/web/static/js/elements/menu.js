// Closes an open menu (a details element) by a click beside it, by Escape, and when another opens.

const open = () => document.querySelectorAll("details.menu-box[open]");

document.addEventListener("click", (event) => {
  for (const box of open()) if (!box.contains(event.target)) box.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const box of open()) {
    box.open = false;
    box.querySelector("summary").focus();
  }
});

// Arrows move inside a menu, as in every menu of the house.
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu-box[open]");
  if (!menu || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  const items = [...menu.querySelectorAll(".menu__item")];
  const step = event.key === "ArrowDown" ? 1 : -1;
  const next = items[(items.indexOf(document.activeElement) + step + items.length) % items.length];
  next?.focus();
  event.preventDefault();
});
