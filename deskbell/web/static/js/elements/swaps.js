// What htmx does not know of us: times in swapped pieces, and answers that bring a whole page where a piece was asked for.
import { wordTimes } from "./local_time.js";
import { say } from "../models/toast.js";

document.addEventListener("htmx:afterSettle", (event) => wordTimes(event.target));

// What the address points at was exchanged: it is pointed at again, so that the open side of a narrow page stays open.
document.addEventListener("htmx:afterSwap", () => location.hash === "#side" && location.replace(location.hash));

// Who has gone on to write while the answer to what they pressed was under way goes on writing: htmx gives the focus back
// to fields alone, and without it their next letters would be shortcuts.
let isWriting = false;
document.addEventListener("htmx:beforeSwap", ({ detail }) => (isWriting = Boolean(document.activeElement?.closest("#composer .composer__words")) && !detail.requestConfig.elt.closest("#composer")));
document.addEventListener("htmx:afterSwap", () => {
  if (isWriting && !document.activeElement?.closest("#composer")) document.querySelector("#composer desk-composer")?.focusWords();
  isWriting = false;
});

document.addEventListener("htmx:sendError", (event) => {
  // What a page asks for by itself may fail in silence; what a person pressed may not.
  if (event.target.matches?.("form")) say(document.body.dataset.sayOffline);
});
