// The name of this window among those of one browser: the same after a reload, another one in a window that was copied.
// A window holds the lock of its name while it lives, so others can tell whether it is still there.
const KEY = "deskbell:writer";
const lockOf = (name) => `deskbell:writer:${name}`;
const WAIT = 1000; // ms for the page that stood here before to let go of the name: a browser tears it down in its own time

export async function writer() {
  const kept = sessionStorage.getItem(KEY);
  if (kept && (await take(kept))) return kept;
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  const fresh = [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
  sessionStorage.setItem(KEY, fresh);
  await take(fresh);
  return fresh;
}

export async function isAlive(name) {
  if (!navigator.locks) return false;
  return (await navigator.locks.query()).held.some((lock) => lock.name === lockOf(name));
}

// Whether the name is ours now; without locks (a page without TLS) everybody is trusted to be alone.
let mine;
function take(name) {
  if (!navigator.locks || mine === name) return Promise.resolve(true);
  return new Promise((answer) => {
    const hold = () => {
      mine = name;
      answer(true);
      return new Promise(() => {}); // until the window is closed
    };
    navigator.locks.request(lockOf(name), { signal: AbortSignal.timeout(WAIT) }, hold).catch(() => answer(false));
  });
}
