// <form data-passkey="get|create" data-options="ADDRESS">: asks the desk what to ask, asks the browser for a passkey,
// and sends its answer with the form. Shown only where browsers have passkeys, which need https or this machine.
const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const toText = (buffer) =>
  buffer && btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function read({ publicKey }) {
  const withBytes = (key) => ({ ...key, id: toBytes(key.id) });
  return {
    ...publicKey,
    challenge: toBytes(publicKey.challenge),
    ...(publicKey.user && { user: withBytes(publicKey.user) }),
    ...(publicKey.allowCredentials && { allowCredentials: publicKey.allowCredentials.map(withBytes) }),
    ...(publicKey.excludeCredentials && { excludeCredentials: publicKey.excludeCredentials.map(withBytes) }),
  };
}

function written({ id, rawId, type, response, authenticatorAttachment }) {
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const said = Object.fromEntries(parts.filter((part) => response[part]).map((part) => [part, toText(response[part])]));
  return JSON.stringify({ id, rawId: toText(rawId), type, response: said, authenticatorAttachment, clientExtensionResults: {} });
}

async function ask(form) {
  const answer = await fetch(form.dataset.options, { method: "POST", body: new FormData(form) });
  if (!answer.ok) throw new Error(String(answer.status));
  const publicKey = read(await answer.json());
  form.elements.answer.value = written(await navigator.credentials[form.dataset.passkey]({ publicKey }));
  form.submit();
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-passkey]");
  if (!form) return;
  event.preventDefault();
  const said = form.querySelector("[data-passkey-error]");
  said.hidden = true;
  ask(form).catch(() => {
    said.textContent = said.dataset.says;
    said.hidden = false;
  });
});

if (window.PublicKeyCredential) document.querySelectorAll("form[data-passkey]").forEach((form) => (form.hidden = false));
