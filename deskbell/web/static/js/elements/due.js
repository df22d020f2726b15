// <time class="due" datetime data-due>: counts down. Without scripts the server says until when.
import { DueCountdown } from "../models/due_countdown.js";

const PAUSE_MS = 10_000;

function count(time) {
  const due = new DueCountdown(document.documentElement.lang, Date.parse(time.dateTime), Date.parse(time.dataset.soon));
  const now = Date.now();
  const ears = time.querySelector("[data-late]");
  time.dataset.due = due.urgency(now);
  if (now >= Date.parse(time.dateTime)) ears.textContent = `${ears.dataset.late} `;
  time.querySelector(".due__left").textContent = due.left(now);
  time.title ||= new Date(time.dateTime).toLocaleString(document.documentElement.lang, { dateStyle: "full", timeStyle: "short" });
}

export function countAll(root) {
  root.querySelectorAll("time.due[data-due]").forEach(count);
}

countAll(document);
document.addEventListener("htmx:afterSettle", (event) => countAll(event.target));
setInterval(() => countAll(document), PAUSE_MS);
