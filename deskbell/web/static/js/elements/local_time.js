// <time datetime data-local="short | time | day">: worded in the browser, in the reader's own zone.
// Without scripts the server's words stay, in the zone of the account.
import { Moments } from "../models/moments.js";

const moments = new Moments(document.documentElement.lang || undefined);

function word(time) {
  const at = new Date(time.dateTime);
  const now = new Date();
  const style = time.dataset.local;
  time.textContent = style === "time" ? moments.time.format(at) : style === "day" ? moments.day(at, now) : moments.short(at, now);
  time.title = moments.full(at);
}

export function wordTimes(root) {
  root.querySelectorAll("time[data-local]").forEach(word);
}

wordTimes(document);
document.addEventListener("deskbell:pieces", (event) => wordTimes(event.target));
