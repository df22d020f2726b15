// <desk-files data-takes data-drops>: files that go with what is written. Each is sent ahead as soon as it is chosen,
// dropped or pasted, with its progress; the form names it by a token. Without scripts the form carries them itself.
import { asked } from "../models/asked.js";

class Files extends HTMLElement {
  connectedCallback() {
    this.list = this.querySelector("ul");
    this.state = this.querySelector("[role=status]");
    this.field = this.querySelector("[type=file]");
    this.form = this.closest("form");
    this.underWay = 0;
    this.field.addEventListener("change", () => {
      this.take([...this.field.files], { inline: false });
      this.field.value = ""; // they go ahead, not with the form as well
    });
    this.form.addEventListener("deskbell:files", (event) => this.take(event.detail.files, { inline: true }));
    for (const name of ["dragover", "drop"]) this.form.addEventListener(name, (event) => this.drag(event));
    this.list.querySelectorAll("li").forEach((line) => this.dress(line));
    // Before all others that hear of it: htmx, and who waits for the draft.
    this.form.addEventListener("submit", (event) => this.hold(event), { capture: true });
  }

  // Dropped beside the words; what is dropped among them the editor takes.
  drag(event) {
    if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    if (event.type === "drop") this.take([...event.dataTransfer.files], { inline: false });
  }

  take(files, { inline }) {
    for (const file of files) this.send(file, inline && file.type.startsWith("image/") && file.type !== "image/svg+xml");
  }

  send(file, inline) {
    const asked = new FormData();
    asked.set("csrfmiddlewaretoken", this.form.elements.csrfmiddlewaretoken.value);
    asked.set("writer", sessionStorage.getItem("deskbell:writer") ?? "");
    asked.set("once", this.form.elements.once?.value ?? "");
    if (inline) asked.set("inline", "1");
    asked.set("file", file, file.name || "picture.png");
    const request = new XMLHttpRequest(); // fetch tells no progress
    request.open("POST", this.dataset.takes);
    request.responseType = "json";
    request.upload.addEventListener("progress", ({ loaded, total }) => this.say(this.dataset.underWay.replace("NAME", file.name).replace("PERCENT", percent(loaded / total))));
    request.addEventListener("load", () => (request.status === 201 ? this.came(request.response, inline) : this.failed(file, request.response?.sentence)));
    request.addEventListener("error", () => this.failed(file, this.dataset.lost));
    request.addEventListener("loadend", () => (this.underWay -= 1));
    this.underWay += 1;
    request.send(asked);
  }

  came({ token, name, size_bytes, version }, inline) {
    this.say("");
    this.lies({ token, name, size_bytes, version }, inline);
    if (inline) this.form.querySelector("desk-rich-text").place(`/files/${token}`, name);
    else this.field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // A file that lies on the desk with the draft; a picture among the words shows there.
  lies({ token, name, size_bytes, version }, inline) {
    if (this.list.querySelector(`[data-token="${token}"]`)) return;
    const line = document.createElement("li");
    line.className = "file";
    line.dataset.token = token;
    line.hidden = inline;
    const field = Object.assign(document.createElement("input"), { type: "hidden", name: "file", value: token });
    const link = Object.assign(document.createElement("a"), { className: "file__name", href: `/files/${token}?download`, textContent: name, dir: "auto" });
    const size = Object.assign(document.createElement("small"), { textContent: sizeOf(size_bytes) });
    line.append(field, link, " ", size);
    this.list.append(line);
    this.dress(line);
    const composer = this.closest("desk-composer");
    if (composer?.drafts && !composer.drafts.version) composer.drafts.version = version;
  }

  failed(file, reason) {
    this.say(this.dataset.failed.replace("NAME", file.name).replace("REASON", reason ?? document.body.dataset.sayOffline));
  }

  dress(line) {
    const name = line.querySelector(".file__name").textContent;
    const drop = Object.assign(document.createElement("button"), { type: "button", className: "button button--quiet button--icon button--small", textContent: "×" });
    drop.setAttribute("aria-label", this.dataset.dropWord.replace("NAME", name));
    drop.addEventListener("click", () => this.drop(line));
    line.append(drop);
  }

  async drop(line) {
    const body = new URLSearchParams({ csrfmiddlewaretoken: this.form.elements.csrfmiddlewaretoken.value, _method: "DELETE" });
    line.remove();
    this.field.focus();
    await asked(this.dataset.drops + line.dataset.token, { method: "POST", body });
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // A letter does not leave before its files are here.
  hold(event) {
    if (event.target !== this.form || !this.underWay) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.say(this.dataset.wait);
  }

  say(words) {
    this.state.textContent = words;
  }
}

const percent = (part) => new Intl.NumberFormat(document.documentElement.lang, { style: "percent" }).format(part);

const sizeOf = (bytes) => {
  const [size, unit] = bytes < 1e6 ? [bytes / 1e3, "kilobyte"] : [bytes / 1e6, "megabyte"];
  return new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, maximumFractionDigits: size < 10 ? 1 : 0 }).format(size);
};

customElements.define("desk-files", Files);
