// How long it is to a due time, and how near that is. Pure: now is passed in.
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export class DueCountdown {
  // due and soon are moments in ms; soon, from when on it is so, is NaN once that was said.
  constructor(language, due, soon) {
    Object.assign(this, { language, due, soon });
  }

  urgency(now) {
    if (now >= this.due) return "overdue";
    return Number.isNaN(this.soon) || now >= this.soon ? "soon" : "calm";
  }

  // 24m, 3h 5m, 2d; what is overdue with a minus before it, and "now" for its first minute. A minute that has begun
  // counts until it is due.
  left(now) {
    const late = now >= this.due;
    if (late && now - this.due < MINUTE) return new Intl.RelativeTimeFormat(this.language, { numeric: "auto" }).format(0, "second");
    const span = late ? now - this.due : Math.ceil((this.due - now) / MINUTE) * MINUTE;
    return (late ? "\u2212" : "") + this.words(span);
  }

  words(span) {
    if (span >= 2 * DAY) return this.unit(Math.floor(span / DAY), "day");
    const hours = Math.floor(span / HOUR);
    const minutes = Math.floor((span % HOUR) / MINUTE);
    if (!hours) return this.unit(minutes, "minute");
    return minutes ? `${this.unit(hours, "hour")} ${this.unit(minutes, "minute")}` : this.unit(hours, "hour");
  }

  unit(number, unit) {
    return new Intl.NumberFormat(this.language, { style: "unit", unit, unitDisplay: "narrow" }).format(number);
  }
}
