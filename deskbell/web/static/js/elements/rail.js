// The numbers of the rail follow what happens on the desk; lists ask for theirs together with their rows.
import { asked } from "../models/asked.js";
import { showCounters } from "../models/counters.js";

const PAUSE_MS = 500; // so often at most, however much happens
let timer = null;

function changed() {
  if (timer || document.querySelector("desk-list") || !document.querySelector(".rail")) return;
  timer = setTimeout(async () => {
    timer = null;
    const answer = await asked("/tickets/rows");
    if (answer.ok) showCounters(new DOMParser().parseFromString(await answer.text(), "text/html"));
  }, PAUSE_MS);
}

document.addEventListener("deskbell:changed", changed);
document.addEventListener("deskbell:stale", changed);
