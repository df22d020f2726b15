// <letter-frame>: gives the sandboxed frame of a letter the height of its words. The frame may not run scripts;
// we measure from outside, which allow-same-origin permits.

class LetterFrame extends HTMLElement {
  connectedCallback() {
    this.frame = this.querySelector("iframe");
    this.frame.addEventListener("load", () => this.measure());
    if (this.frame.contentDocument?.readyState === "complete") this.measure();
  }

  measure() {
    const body = this.frame.contentDocument?.body;
    if (!body) return;
    this.sizes?.disconnect();
    this.sizes = new ResizeObserver(() => this.fit());
    this.sizes.observe(body);
    this.fit();
  }

  fit() {
    const page = this.frame.contentDocument.documentElement;
    this.frame.style.blockSize = `${Math.min(page.offsetHeight, 20_000)}px`;
  }

  disconnectedCallback() {
    this.sizes?.disconnect();
  }
}

customElements.define("letter-frame", LetterFrame);

// Once the pictures of a letter are let in, the sentence about them says so, and has the focus that its link had.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-shows]");
  if (!link) return;
  setTimeout(() => {
    const words = link.parentElement;
    words.replaceChildren(link.dataset.shows);
    words.tabIndex = -1;
    words.focus();
  });
});
