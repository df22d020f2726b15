// Keeps what was typed until it is sent: a reload, a lost connection or a wrong key takes no words away.

export class DraftKeeper {
  constructor(store, name) {
    this.store = store;
    this.key = `deskbell:draft:${name}`;
  }

  keep(draft) {
    if (draft.text.trim()) this.store.setItem(this.key, JSON.stringify(draft));
    else this.forget();
  }

  kept() {
    const words = this.store.getItem(this.key);
    return words ? JSON.parse(words) : null;
  }

  forget() {
    this.store.removeItem(this.key);
  }
}
