// What htmx does not know of us: times in swapped pieces, and answers that bring a whole page where a piece was asked for.
import { wordTimes } from "./local_time.js";
import { say } from "../models/toast.js";

document.addEventListener("htmx:afterSettle", (event) => wordTimes(event.target));

document.addEventListener("htmx:sendError", () => say(document.body.dataset.sayOffline));
