// Words for moments, in the reader's language and zone. Pure: now is passed in.

const HOUR = 3_600_000;

export class Moments {
  constructor(language, zone = undefined) {
    this.time = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit", timeZone: zone });
    this.weekday = new Intl.DateTimeFormat(language, { weekday: "short", timeZone: zone });
    this.date = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", timeZone: zone });
    this.dateOfYear = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", year: "numeric", timeZone: zone });
    this.whole = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "medium", timeZone: zone });
    this.dayKey = new Intl.DateTimeFormat("sv", { dateStyle: "short", timeZone: zone });
  }

  // The shortest that is clear: 10:40 today, Tue within the week, 6 Nov this year, 6 Nov 2024 before.
  short(at, now) {
    if (this.dayKey.format(at) === this.dayKey.format(now)) return this.time.format(at);
    if (Math.abs(now - at) < 6 * 24 * HOUR) return this.weekday.format(at);
    return this.day(at, now);
  }

  // When something comes that is waited for: the day, and the time on it.
  when(at, now) {
    const time = this.time.format(at);
    return this.dayKey.format(at) === this.dayKey.format(now) ? time : `${this.short(at, now)}, ${time}`;
  }

  day(at, now) {
    const style = this.dayKey.format(at).slice(0, 4) === this.dayKey.format(now).slice(0, 4) ? this.date : this.dateOfYear;
    return style.format(at);
  }

  // Within a sentence: the day with its year, and the time.
  dated(at) {
    return `${this.dateOfYear.format(at)} ${this.time.format(at)}`;
  }

  // What a clock shows that stands so many minutes east of UTC; for Moments of the zone UTC.
  clock(offset, now) {
    const there = now.getTime() + offset * 60_000;
    return `${this.weekday.format(there)} ${this.time.format(there)}`;
  }

  full(at) {
    return this.whole.format(at);
  }
}
