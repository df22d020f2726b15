// <div data-until="2026-03-02T12:10:00Z">: what is offered for a while only goes by itself when that is over.
const PAUSE_MS = 5_000;

setInterval(() => {
  for (const offer of document.querySelectorAll("[data-until]")) if (Date.now() > Date.parse(offer.dataset.until)) offer.remove();
}, PAUSE_MS);
