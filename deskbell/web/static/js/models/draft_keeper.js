// Keeps what somebody writes: in this browser at once, on the desk a moment later. What the desk has not got yet is
// still here after a reload, a crash, a sign-out or a time without network. Knows no page: `read` gives it the words.
const REST = 800; // ms without a key before the desk is told
const RETRY = 5000;

export class DraftKeeper {
  // store: localStorage; form: the token of a form that is one of several, each with a draft of its own; address: where
  // the desk keeps it; read(): URLSearchParams of the form; tell(state, detail); renew(): gives the form a token that
  // fits, and says whether it could
  constructor({ store, name, writer, form = "", address, version, read, tell, renew = async () => false, send = (...asked) => fetch(...asked) }) {
    Object.assign(this, { store, writer, form, address, version: Number(version), read, tell, renew, send });
    this.prefix = `deskbell:draft:${name}:`;
    this.key = this.prefix + writer + (form && `:${form}`);
  }

  // Something was typed: kept here at once, told to the desk when the typing rests.
  changed() {
    this.dirty = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), REST);
    this.keepHere({ version: this.version, at: Date.now(), words: this.read().toString() });
  }

  // One request at a time, so that an older one can never overtake a newer.
  async save() {
    clearTimeout(this.timer);
    if (this.saving || this.stopped || !this.dirty) return;
    this.dirty = false;
    this.saving = this.ask();
    await this.saving;
    this.saving = null;
    if (this.dirty && !this.stopped) this.timer = setTimeout(() => this.save(), this.waits ?? REST);
  }

  async ask() {
    const save = () => this.send(this.address, { method: "POST", body: this.asked(), redirect: "manual" });
    try {
      let answer = await save();
      // Somebody signed in again in another window, and this form did not know yet.
      if (answer.status === 403 && (await this.renew())) answer = await save();
      await this.heard(answer);
    } catch {
      this.later("offline");
    }
  }

  async heard(answer) {
    if (answer.type === "opaqueredirect" || [401, 403].includes(answer.status)) return this.later("signedOut");
    if (answer.status === 409) return this.collide(await answer.json());
    if (!answer.ok) return this.later("offline");
    this.version = (await answer.json()).version;
    delete this.waits;
    if (!this.dirty) this.rememberKept();
    this.tell(this.version ? "kept" : "empty", new Date());
  }

  // The words go from this browser; that the desk has them stays, for a page that was drawn before they came there.
  rememberKept() {
    if (this.version) this.keepHere({ kept: this.version });
    else this.store.removeItem(this.key);
  }

  // What is more than a browser keeps is kept by the desk alone.
  keepHere(entry) {
    try {
      this.store.setItem(this.key, JSON.stringify(entry));
    } catch {
      this.store.removeItem(this.key);
    }
  }

  later(state) {
    this.dirty = true;
    this.waits = RETRY;
    this.tell(state);
  }

  // Another window was quicker: nothing more is told to the desk until its reader has chosen. Where it sent or dropped
  // what there was, nothing would be written over: what is typed here begins anew.
  collide(theirs) {
    if (!theirs.version) {
      this.version = 0;
      return this.changed();
    }
    this.theirs = theirs;
    this.stopped = true;
    this.tell("elsewhere", theirs);
  }

  // What is here is meant, whatever was written there.
  goOn() {
    this.version = this.theirs?.version ?? this.version;
    delete this.theirs;
    this.stopped = false;
    this.changed();
  }

  // Nothing more is told to the desk for now; what is under way has arrived when this is done.
  async rest() {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.saving;
  }

  // What a closed window of this browser had not told the desk, newest first; forgets it elsewhere than under our name.
  async left(isAlive) {
    const found = [];
    for (const entry of await this.lying(isAlive, (form) => form === this.form)) {
      const { key, kept } = entry;
      if (key === this.key && kept > this.version) this.isBehind = true;
      if (key !== this.key || kept) this.store.removeItem(key);
      if (!kept) found.push(entry);
    }
    return found.sort((one, other) => other.at - one.at);
  }

  // The same of other forms than ours: the desk is told now. How much of it is a draft there.
  async tellOfOthers(isAlive) {
    let told = 0;
    for (const { key, kept, version, words } of await this.lying(isAlive, (form) => form !== this.form)) {
      const answer = kept ? null : await this.send(this.address, { method: "POST", body: this.asked(new URLSearchParams(words), version), redirect: "manual" }).catch(() => null);
      const theirs = answer?.ok || answer?.status === 409 ? await answer.json() : null;
      if (answer?.ok && theirs.version) told += 1;
      // What was sent or dropped there is no draft, and what another window goes on with is kept here as well.
      if (kept || answer?.ok || theirs?.version === 0) this.store.removeItem(key);
    }
    return told;
  }

  // What no living window writes but for this one, of the forms that are wanted: its key, and by which window it was kept.
  async lying(isAlive, isWanted) {
    const found = [];
    for (const key of Object.keys(this.store).filter((one) => one.startsWith(this.prefix))) {
      const [by, form = ""] = key.slice(this.prefix.length).split(":");
      if (!isWanted(form) || (by !== this.writer && (await isAlive(by)))) continue;
      const entry = JSON.parse(this.store.getItem(key));
      if (entry) found.push({ ...entry, key, by }); // or another window was quicker
    }
    return found;
  }

  // The page goes away: the desk is told what it has not got, without waiting for its answer.
  leave(beacon) {
    if (this.dirty && !this.stopped) beacon(this.address, this.asked());
  }

  // It was sent.
  forget() {
    this.store.removeItem(this.key);
  }

  asked(words = this.read(), version = this.version) {
    words.set("csrfmiddlewaretoken", this.read().get("csrfmiddlewaretoken"));
    words.set("version", version);
    words.set("writer", this.writer);
    return words;
  }
}
