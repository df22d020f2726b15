// What was pressed on a page whose token does not fit any more is pressed once more with one that does.
import { renewToken } from "../models/token.js";

const again = new WeakSet(); // forms whose token was renewed for what is under way

document.addEventListener("htmx:beforeSwap", async (event) => {
  const { xhr, requestConfig, elt } = event.detail;
  const form = requestConfig.elt ?? elt;
  if (xhr.status !== 403 || !xhr.getResponseHeader("X-Token-Unfit") || !form.matches("form") || again.delete(form)) return;
  event.detail.shouldSwap = false;
  again.add(form);
  if ((await renewToken()) && form.isConnected) form.requestSubmit(requestConfig.triggeringEvent?.submitter);
  else location.reload(); // which leads to the door; what was typed is kept
});
document.addEventListener("htmx:afterSwap", ({ detail }) => again.delete(detail.requestConfig?.elt));
