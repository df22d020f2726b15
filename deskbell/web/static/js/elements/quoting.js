// Quoting a letter: where the caret is, and the caret goes on below it. Without scripts the desk puts it below the words.
import { asked } from "../models/asked.js";
import { say } from "../models/toast.js";

// Where somebody has written: a field that nobody was in has no caret.
const used = new WeakSet();
document.addEventListener("focusin", ({ target }) => target.name === "text" && used.add(target));

// Pressed by a mouse, the button leaves the caret where it is.
document.addEventListener("mousedown", (event) => event.target.closest?.("[data-quotes]") && event.preventDefault());

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-quotes]");
  const composer = document.querySelector("#composer desk-composer");
  if (!button || !composer) return;
  event.preventDefault();
  button.closest("details")?.removeAttribute("open");
  quote(composer, button.dataset);
});

async function quote(composer, { quotes, message = "" }) {
  const form = composer.querySelector("form");
  const body = new URLSearchParams({ csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value, message });
  const rich = composer.querySelector("desk-rich-text");
  const [answer] = await Promise.all([asked(quotes, { method: "POST", headers: { Accept: "application/json" }, body }), rich?.begin?.()]);
  const found = await answer.json().catch(() => null);
  if (!answer.ok || !found) return say(found?.sentence ?? document.body.dataset.sayOffline);
  for (const file of found.files) composer.querySelector("desk-files").lies({ ...file, version: found.version }, true);
  if (rich?.editor) rich.putQuote(found.html);
  else putPlain(form.elements.text, found.text);
}

function putPlain(text, words) {
  const at = used.has(text) ? text.selectionEnd : text.value.length;
  const before = text.value.slice(0, at);
  const space = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  text.focus();
  text.setRangeText(`${space}${words}\n\n`, at, at, "end");
  text.dispatchEvent(new Event("input", { bubbles: true }));
}
