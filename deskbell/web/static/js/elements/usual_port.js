// <form data-ports='{"imap implicit": 993, …}'>: the port follows kind and encryption, until somebody types one of
// their own. Without scripts an empty field means the usual one, too.
function follow(form) {
  const ports = JSON.parse(form.dataset.ports);
  const { kind, tls, port } = form.elements;
  const usual = new Set(Object.values(ports).map(String));
  if (usual.has(port.value.trim())) port.value = "";
  port.placeholder = ports[`${kind.value} ${tls.value}`];
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-ports]");
  if (form && ["kind", "tls"].includes(event.target.name)) follow(form);
});
