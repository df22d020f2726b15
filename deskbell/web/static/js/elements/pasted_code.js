// A whole code of a ticket that is pasted outside of any field leads to the ticket. Typing stays with the shortcuts: "g i" is no code.
const CODE = /^\s*([a-z]{3}[- ]?[a-z0-9]{5}[- ]?\d{3})\s*$/i;

document.addEventListener("paste", (event) => {
  const target = event.target instanceof Element ? event.target : document.body;
  if (target.closest("input, textarea, select, [contenteditable]") || document.querySelector("dialog[open]")) return;
  if (!document.querySelector(".desk")) return;
  const code = CODE.exec(event.clipboardData?.getData("text/plain") ?? "")?.[1];
  if (!code) return;
  event.preventDefault();
  location.assign(`/find?q=${encodeURIComponent(code)}`);
});
