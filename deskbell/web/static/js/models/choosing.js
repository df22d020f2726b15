// One option of a listbox is chosen while the focus stays in its field (ARIA authoring practices, Combobox).
// options: elements with ids, in their order; place: -1 for none
export function choose(field, options, place) {
  options.forEach((option, at) => option.setAttribute("aria-selected", String(at === place)));
  const option = options[place];
  if (option) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
  return option;
}
