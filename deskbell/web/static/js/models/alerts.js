// A sound and a notice of the browser for something that its reader was told: once in this browser, whatever number of
// pages is open. Both are extras: where the browser refuses them, the page has said it all.
const KEY = "deskbell:alerted";

export async function alertOnce(told, sentence, sound) {
  if (!(await isFirst(Number(told.notice)))) return;
  if ("sound" in told) play(sound);
  if ("browser" in told && window.Notification?.permission === "granted") show(told, sentence);
}

export function play(sound) {
  return new Audio(sound).play().catch(() => {}); // silent until its reader has touched a page
}

function show(told, sentence) {
  const notice = new Notification(sentence, { body: told.subject, tag: `deskbell-${told.notice}` });
  notice.addEventListener("click", () => {
    window.focus();
    location.assign(told.href);
    notice.close();
  });
}

// Pages of one browser hear of it at the same moment: a lock lets the first of them have it.
function isFirst(number) {
  const take = () => {
    if (Number(localStorage.getItem(KEY)) >= number) return false;
    localStorage.setItem(KEY, number);
    return true;
  };
  return navigator.locks ? navigator.locks.request(KEY, take) : take();
}
