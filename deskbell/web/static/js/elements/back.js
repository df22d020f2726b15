// <a data-back="CODE">: leads to the list that one came from, also after the page was drawn anew by an action on
// it, when the browser no longer says where that was. Each ticket remembers its own list, in this tab only.
const LIST = /^\/(find|views\/\d+)?$/;
const link = () => document.querySelector("[data-back]");
const name = () => `deskbell:back:${link().dataset.back}`;

function remember() {
  if (!link()) return;
  const from = document.referrer && new URL(document.referrer);
  if (from && from.origin === location.origin && LIST.test(from.pathname)) sessionStorage.setItem(name(), from.pathname + from.search);
  lead();
}

function lead() {
  const back = link() && sessionStorage.getItem(name());
  if (back) link().setAttribute("href", back);
}

remember();
document.addEventListener("htmx:afterSettle", lead);
document.addEventListener("deskbell:shown", lead);
