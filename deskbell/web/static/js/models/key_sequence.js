// Turns keys into the name of a shortcut: "r", "?", or two in a row within a second, "g i".

const PAUSE_MS = 1_000;

export class KeySequence {
  constructor(names) {
    this.names = names; // a function that returns the names there are now
    this.first = "";
    this.until = 0;
  }

  // Returns the shortcut that `key` completes at `now` (ms), or null.
  press(key, now) {
    const pair = now < this.until ? `${this.first} ${key}` : "";
    const names = this.names();
    this.until = 0;
    if (pair && names.includes(pair)) return pair;
    if (names.some((name) => name.startsWith(`${key} `))) {
      this.first = key;
      this.until = now + PAUSE_MS;
    }
    return names.includes(key) ? key : null;
  }
}
