// <time datetime data-local="short | time | day | when | dated | full">: worded in the browser, in the reader's own zone.
// <time data-utc-offset>: a clock that stands so many minutes east of UTC, and goes on.
// Without scripts the server's words stay, in the zone of the account.
import { Moments } from "../models/moments.js";

// The browser knows more of the reader than the page does: "en" may be en-GB, with a clock of 24 hours.
const page = document.documentElement.lang;
const language = navigator.languages.find((one) => one.split("-")[0] === page.split("-")[0]) ?? page;
export const moments = new Moments(language);
const elsewhere = new Moments(language, "UTC");
const TICK_MS = 10_000;
// "12:53 PM" wants a wider margin than "12:53".
if (moments.time.resolvedOptions().hour12) document.documentElement.dataset.clock = "12";

function word(time) {
  const at = new Date(time.dateTime);
  const now = new Date();
  const style = time.dataset.local;
  time.textContent = style === "time" ? moments.time.format(at) : style === "full" ? moments.full(at) : moments[style](at, now);
  time.title = moments.full(at);
}

function tick(root) {
  for (const time of root.querySelectorAll("time[data-utc-offset]")) {
    const words = elsewhere.clock(Number(time.dataset.utcOffset), new Date());
    if (time.textContent !== words) time.textContent = words;
  }
}

export function wordTimes(root) {
  root.querySelectorAll("time[data-local]").forEach(word);
  tick(root);
}

setInterval(() => tick(document), TICK_MS);

wordTimes(document);
document.addEventListener("deskbell:pieces", (event) => wordTimes(event.target));
