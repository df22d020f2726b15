// <desk-rich-text>: the words of a letter with looks. Stands over the textarea, which it fills at every key: whoever
// reads the form finds the plain words there, and the same with their looks in `html`. Without it one writes plainly.
const EDITOR = "vendor/django-prose-editor@0.28.0/editor.js";
const PAUSE = 300; // ms
// Buttons that show whether what they do holds where the caret is.
const SHOWN = new Set(["bold", "italic", "link", "bulletList", "orderedList", "blockquote", "code"]);

class RichText extends HTMLElement {
  connectedCallback() {
    this.text = this.querySelector("textarea");
    this.html = this.querySelector("[name=html]");
    this.html.value ||= this.html.dataset.kept ?? "";
    // What is typed before the editor is there is worth more than the looks of what stood there.
    this.text.addEventListener("input", () => this.editor || (this.html.value = ""));
    // The editor is large: it comes when the page has nothing better to do, or when somebody begins to write.
    const begin = () => this.begin();
    if ("requestIdleCallback" in window) requestIdleCallback(begin, { timeout: 2000 });
    else setTimeout(begin, 300);
    this.text.addEventListener("focus", begin);
  }

  disconnectedCallback() {
    this.editor?.destroy();
  }

  // Done when the editor is there, or cannot come.
  begin() {
    return (this.begun ??= this.load());
  }

  async load() {
    this.text.addEventListener("keydown", () => (this.lastKey = performance.now()));
    const kit = await import(EDITOR).catch(() => null);
    // Without a network one writes plainly; the next time that somebody comes here it is tried again.
    if (!kit) return (this.begun = null);
    // A key that is down while the field is exchanged would be lost: the editor waits for a pause.
    while (performance.now() - this.lastKey < PAUSE) await new Promise((done) => setTimeout(done, PAUSE / 3));
    if (this.isConnected) this.mount(kit);
  }

  mount(kit) {
    const hadFocus = document.activeElement === this.text;
    const place = document.createElement("div");
    place.className = "composer__rich";
    this.text.before(place);
    this.editor = new kit.Editor({
      element: place,
      injectCSS: false,
      extensions: extensionsOf(kit, () => this.openLink()),
      content: this.content(),
      editorProps: {
        attributes: { class: "composer__text", role: "textbox", "aria-multiline": "true", "aria-label": this.querySelector("label").textContent, "data-placeholder": this.text.placeholder, dir: "auto" },
        // Escape leaves, as it leaves any field: the keys of the page are there again.
        handleKeyDown: (view, event) => event.key === "Escape" && (view.dom.blur(), true),
        handlePaste: (view, event) => this.takeFiles(event, event.clipboardData),
        handleDrop: (view, event) => this.takeFiles(event, event.dataTransfer),
      },
      onUpdate: () => this.say(),
      onSelectionUpdate: () => this.showTools(),
      onFocus: () => (this.hasCaret = true),
    });
    // Who narrows a list by what was typed before the caret asks the field (calls.js).
    this.text.wordsBefore = () => this.before();
    this.text.replaceBefore = (length, words) => this.replaceBefore(length, words);
    this.showEmpty();
    this.bindTools();
    // Before the field goes, or what is typed at this moment falls between the two.
    if (hadFocus || this.text.autofocus) this.takeOver();
    this.text.hidden = true;
    this.text.tabIndex = -1;
  }

  takeOver() {
    const { state, view } = this.editor;
    // What is handed on stands below the words about it.
    const edge = this.text.form.elements.kind?.value === "forward" ? "atStart" : "atEnd";
    view.dispatch(state.tr.setSelection(state.selection.constructor[edge](state.doc)));
    view.focus();
  }

  content() {
    if (this.html.value) return this.html.value;
    const escaped = (words) => words.replace(/&/g, "&amp;").replace(/</g, "&lt;");
    return this.text.value.split(/\n{2,}/).map((one) => `<p>${escaped(one).replace(/\n/g, "<br>")}</p>`).join("");
  }

  // Words that were brought back from elsewhere.
  fill() {
    this.editor?.commands.setContent(this.content(), { emitUpdate: false });
    if (!this.editor) return;
    if (this.editor.isFocused) this.takeOver();
    this.showEmpty();
  }

  say() {
    this.text.value = this.editor.isEmpty ? "" : this.editor.getText({ blockSeparator: "\n\n" });
    this.html.value = this.editor.isEmpty ? "" : this.editor.getHTML();
    this.showEmpty();
    this.showTools();
    this.text.dispatchEvent(new Event("input", { bubbles: true }));
  }

  showEmpty() {
    this.editor.view.dom.toggleAttribute("data-empty", this.editor.isEmpty);
  }

  focusWords() {
    if (this.editor) this.takeOver();
    else this.text.focus();
  }

  // Pictures stand where they were put, all other files go with the letter.
  takeFiles(event, data) {
    const files = [...(data?.files ?? [])];
    if (!files.length) return false;
    event.preventDefault();
    this.dispatchEvent(new CustomEvent("deskbell:files", { bubbles: true, detail: { files } }));
    return true;
  }

  place(address, name) {
    this.editor.chain().focus().insertContent({ type: "image", attrs: { src: address, alt: name } }).run();
  }

  // A quote goes where the caret is, at the end where it never was; one goes on below it.
  putQuote(html) {
    const { editor } = this;
    if (!this.hasCaret) editor.commands.setTextSelection(editor.state.doc.content.size);
    const { $to } = editor.state.selection;
    const isEmpty = !$to.parent.content.size;
    const isWithin = $to.parentOffset && $to.parentOffset < $to.parent.content.size;
    if (isWithin) editor.chain().setTextSelection($to.pos).splitBlock().run();
    const { $from } = editor.state.selection;
    const from = isEmpty || isWithin || !$to.parentOffset ? $from.before() : $to.after();
    const to = isEmpty ? $to.after() : from;
    const size = editor.state.doc.content.size;
    editor.commands.insertContentAt({ from, to }, `${onOneLine(html)}<p></p>`);
    const end = to + editor.state.doc.content.size - size;
    editor.chain().setTextSelection(end - 1).focus().run();
  }

  before() {
    const { $from } = this.editor.state.selection;
    return $from.parent.textBetween(0, $from.parentOffset, "\n", "\n");
  }

  // words: HTML, or a piece of a document as the editor has it
  replaceBefore(length, words) {
    const { from } = this.editor.state.selection;
    const put = typeof words === "string" ? onOneLine(words) : words;
    this.editor.chain().focus().insertContentAt({ from: from - length, to: from }, put).run();
  }

  bindTools() {
    this.tools = this.querySelector(".composer__tools");
    this.link = this.querySelector(".composer__link");
    this.tools.hidden = false;
    this.tools.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays
    this.tools.addEventListener("click", (event) => this.format(event.target.closest("[data-format]")?.dataset.format));
    this.tools.addEventListener("keydown", (event) => this.walk(event));
    this.tools.querySelectorAll("button").forEach((button, place) => (button.tabIndex = place ? -1 : 0));
    this.link.querySelector("[data-link-set]").addEventListener("click", () => this.setLink(this.linkField.value));
    this.link.querySelector("[data-link-unset]").addEventListener("click", () => this.setLink(""));
    this.linkField = this.link.querySelector("[data-link]");
    this.linkField.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.setLink(this.linkField.value);
      else if (event.key === "Escape") this.closeLink();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  // A toolbar is one stop of the Tab key; arrows walk in it (ARIA authoring practices, Toolbar).
  walk(event) {
    const buttons = [...this.tools.querySelectorAll("button")];
    const turned = getComputedStyle(this).direction === "rtl" ? -1 : 1;
    const step = { ArrowRight: turned, ArrowLeft: -turned }[event.key];
    if (!step) return;
    const next = buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length];
    buttons.forEach((button) => (button.tabIndex = button === next ? 0 : -1));
    next.focus();
    event.preventDefault();
  }

  format(name) {
    if (!name) return;
    if (name === "link") return this.openLink();
    const chain = this.editor.chain().focus();
    if (name === "clear") chain.unsetAllMarks().clearNodes().run();
    else chain[`toggle${name[0].toUpperCase()}${name.slice(1)}`]().run();
  }

  openLink() {
    this.link.hidden = false;
    this.linkField.value = this.editor.getAttributes("link").href ?? "";
    this.linkField.focus();
    this.linkField.select();
    return true;
  }

  setLink(typed) {
    const bare = typed.trim();
    const address = !bare || /^[a-z][a-z0-9+.-]*:/i.test(bare) ? bare : bare.includes("@") ? `mailto:${bare}` : `https://${bare}`;
    const chain = this.editor.chain().focus().extendMarkRange("link");
    if (!address) chain.unsetLink().run();
    else if (this.editor.state.selection.empty && !this.editor.isActive("link")) chain.insertContent({ type: "text", text: bare, marks: [{ type: "link", attrs: { href: address } }] }).run();
    else chain.setLink({ href: address }).run();
    this.closeLink();
  }

  closeLink() {
    this.editor.view.focus();
    this.link.hidden = true;
  }

  showTools() {
    this.tools?.querySelectorAll("[data-format]").forEach((button) => {
      const name = button.dataset.format;
      if (SHOWN.has(name)) button.setAttribute("aria-pressed", this.editor.isActive(name));
    });
  }
}

// What a letter may hold, and no more: what is pasted loses everything else.
function extensionsOf(kit, openLink) {
  const { Extension, Image, Link, HardBreak } = kit;
  const keys = Extension.create({
    name: "lettersKeys",
    addKeyboardShortcuts: () => ({ "Mod-k": openLink }),
  });
  // As in a mail program: Enter ends a line, Enter on an empty line begins a paragraph.
  const lines = HardBreak.extend({
    addKeyboardShortcuts() {
      return {
        "Shift-Enter": () => this.editor.commands.setHardBreak(),
        Enter: () => {
          const { $from, empty } = this.editor.state.selection;
          const isLine = empty && $from.parent.type.name === "paragraph" && !["listItem"].includes($from.node(-1)?.type.name);
          if (!isLine || !$from.parentOffset) return false;
          if ($from.nodeBefore?.type.name === "hardBreak") return this.editor.chain().deleteRange({ from: $from.pos - 1, to: $from.pos }).splitBlock().run();
          return this.editor.commands.setHardBreak();
        },
      };
    },
  });
  // Tables come with what is pasted or handed on; in them too, Tab leads out of the field.
  const table = kit.Table.extend({ addKeyboardShortcuts: () => ({}) }).configure({ resizable: false });
  return [
    table, kit.TableRow, kit.TableHeader, kit.TableCell,
    kit.Document, kit.Paragraph, kit.Text, kit.Bold, kit.Italic, kit.Underline, kit.Strike, kit.Code, kit.CodeBlock, kit.Blockquote,
    kit.BulletList, kit.OrderedList, kit.ListItem, kit.Heading.configure({ levels: [2, 3] }), kit.HorizontalRule, kit.Dropcursor, kit.Gapcursor,
    kit.UndoRedo ?? kit.History, lines, Image.configure({ inline: true, allowBase64: false }),
    Link.configure({ openOnClick: false, autolink: false, linkOnPaste: true, enableTarget: false, protocols: ["http", "https", "mailto", "tel"] }), keys,
  ].filter(Boolean);
}

// The desk breaks lines between what HTML shows on lines of its own; the editor would show those once more.
function onOneLine(html) {
  return html.replace(/(<br>|<\/(?:p|div|blockquote|ul|ol|li|h[1-6])>)\n+/gu, "$1");
}

customElements.define("desk-rich-text", RichText);
