// Puts numbers that came from the desk where they are shown.

export function showCounters(pieces) {
  for (const piece of pieces.querySelectorAll("[data-counter]")) {
    for (const shown of document.querySelectorAll(`[data-counter="${piece.dataset.counter}"]`)) shown.textContent = piece.textContent;
  }
}
