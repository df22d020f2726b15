// <button data-copies="what" data-copied="Copied">: a click copies it and says so.
import { say } from "../models/toast.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copies]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copies);
  say(button.dataset.copied);
});
