// A shared worker: the one live connection of all pages of the desk in this browser.
import { LiveConnection } from "./models/live_connection.js";

const pages = new Set();
let looker = null; // the page whose ticket the person looks at now

const tell = (word) => pages.forEach((page) => page.postMessage(word));
const address = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live`;
const live = new LiveConnection(address, {
  hear: (heard) => tell({ heard }),
  become: (state) => tell({ state }),
});

self.addEventListener("connect", ({ ports: [page] }) => {
  page.addEventListener("message", ({ data }) => (data.say ? pass(page, data.say) : data.bye ? forget(page) : greet(page)));
  page.start();
});

function greet(page) {
  pages.add(page);
  page.postMessage({ state: live.state });
  live.start();
}

// A page that is left says so late, sometimes after the next one has said what it shows.
function pass(page, words) {
  if (words.looks === "" && looker !== page) return;
  if (words.looks !== undefined) looker = page;
  live.say(words);
}

function forget(page) {
  pages.delete(page);
  pass(page, { looks: "" });
  if (pages.size === 0) live.stop();
}
