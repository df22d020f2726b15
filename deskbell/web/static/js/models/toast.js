// Says one sentence that passes; read aloud by its live region, which is in every page.

const SHOWN_MS = 5_000;

export function say(sentence) {
  const toast = document.createElement("p");
  toast.className = "toast";
  toast.textContent = sentence;
  document.querySelector(".toasts")?.append(toast);
  setTimeout(() => toast.remove(), SHOWN_MS);
}

// For ears alone, where eyes see it elsewhere; returned for who has to take it back.
export function whisper(sentence) {
  const words = document.createElement("p");
  words.className = "for-ears";
  words.textContent = sentence;
  document.querySelector(".toasts")?.append(words);
  setTimeout(() => words.remove(), SHOWN_MS);
  return words;
}
