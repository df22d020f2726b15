// What the thread shows, messages only or everything: an attribute of the page says it, so that entries which come follow
// it too.  The desk is told for the next page; nothing is fetched, so the place and what is being written stay.
import { asked } from "../models/asked.js";
import { say } from "../models/toast.js";

const root = document.documentElement;
const chosen = () => root.dataset.thread ?? "everything";

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-shown]");
  if (!button) return;
  event.preventDefault();
  if (button.value === chosen()) return;
  holdingTheLine(() => (root.dataset.thread = button.value));
  mark();
  tell(button);
});

// The letter that is read stays where it is on the screen; who is at the end stays at the end.
function holdingTheLine(change) {
  const thread = document.querySelector("desk-thread");
  const isAtEnd = thread.isAtEnd();
  const top = Math.max(thread.closest(".ticket__thread").getBoundingClientRect().top, 0);
  const read = [...thread.querySelectorAll(".entry--letter")].find((one) => one.getBoundingClientRect().bottom > top);
  const before = read?.getBoundingClientRect().top;
  change();
  if (isAtEnd || !read) return thread.showEnd();
  thread.scroller.scrollBy({ top: read.getBoundingClientRect().top - before, behavior: "instant" });
}

// A head that comes anew may have been drawn before the desk was told.
function mark() {
  for (const button of document.querySelectorAll("[data-shown]")) button.setAttribute("aria-pressed", button.value === chosen());
}

async function tell(button) {
  const token = document.querySelector("input[name=csrfmiddlewaretoken]").value;
  const body = new URLSearchParams({ csrfmiddlewaretoken: token, shown: button.value });
  const answer = await asked(button.dataset.shown, { method: "POST", headers: { Accept: "application/json" }, body });
  if (!answer.ok) say(document.body.dataset.sayOffline);
}

document.addEventListener("deskbell:shown", mark);
document.addEventListener("htmx:afterSwap", mark);
