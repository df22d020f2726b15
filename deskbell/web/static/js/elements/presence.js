// <desk-presence data-me data-looks data-types>: says who else looks at this ticket, and who is writing.
// What it says comes from deskbell:presence; it lives in memory only, here as on the desk.

class Presence extends HTMLElement {
  connectedCallback() {
    this.heard = (event) => this.show(event.detail);
    document.addEventListener("deskbell:presence", this.heard);
  }

  disconnectedCallback() {
    document.removeEventListener("deskbell:presence", this.heard);
  }

  show({ presence, people }) {
    if (presence !== this.dataset.ticket) return;
    const others = people.filter((person) => String(person.id) !== document.documentElement.dataset.agent);
    const writing = others.filter((person) => person.typing);
    const said = [this.word(this.dataset.types, writing), this.word(this.dataset.looks, others.filter((person) => !person.typing))];
    this.textContent = said.filter(Boolean).join(" · ");
  }

  word(sentence, people) {
    return people.length ? sentence.replace("NAMES", people.map((person) => person.name).join(", ")) : "";
  }
}

customElements.define("desk-presence", Presence);
