// The tickets that this agent opened last in this browser, the last first: their codes alone, words stay on the desk.
const MOST = 12;

const name = () => `deskbell:recent:${document.documentElement.dataset.agent}`;

export function recentTickets() {
  try {
    return JSON.parse(localStorage.getItem(name())) ?? [];
  } catch {
    return []; // not ours, or no storage here
  }
}

export function remember(code) {
  try {
    localStorage.setItem(name(), JSON.stringify([code, ...recentTickets().filter((one) => one !== code)].slice(0, MOST)));
  } catch {
    // A browser that keeps nothing offers nothing.
  }
}
