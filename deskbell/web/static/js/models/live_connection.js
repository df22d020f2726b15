// One websocket to /live that comes back by itself, with growing pauses. It may lose what was told meanwhile:
// whoever uses it says anew what is shown each time it is "on".
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const SILENCE_MS = 60_000; // the desk says something every 25 seconds
const SESSION_ENDED = 4401;

export class LiveConnection {
  // hear(message) is called with what the desk tells, become(state) with "on", "lost" or "ended" when that changes.
  constructor(address, { hear, become }) {
    Object.assign(this, { address, hear, become, state: "opening", pause: FIRST_PAUSE_MS });
  }

  start() {
    clearTimeout(this.again);
    if (this.socket) return;
    this.socket = new WebSocket(this.address);
    this.socket.addEventListener("open", () => this.open());
    this.socket.addEventListener("message", (event) => this.take(JSON.parse(event.data)));
    this.socket.addEventListener("close", (event) => this.close(event));
  }

  stop() {
    clearTimeout(this.again);
    clearTimeout(this.silence);
    const socket = this.socket;
    this.socket = null;
    this.state = "opening";
    socket?.close();
  }

  say(words) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(words));
  }

  open() {
    this.listen();
    this.turn("on");
  }

  take(message) {
    this.pause = FIRST_PAUSE_MS;
    this.endedBefore = false;
    this.listen();
    if (!message.ping) this.hear(message);
  }

  close({ target, code }) {
    if (target !== this.socket) return; // one that was stopped
    clearTimeout(this.silence);
    this.socket = null;
    const ended = code === SESSION_ENDED && this.endedBefore;
    // Once more after the session has ended: somebody may have signed in again in this browser.
    this.endedBefore = code === SESSION_ENDED;
    this.turn(ended ? "ended" : "lost");
    if (ended) return;
    this.again = setTimeout(() => this.start(), this.pause * (0.5 + Math.random()));
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
  }

  // A line can be dead without a word: silence is a loss too.
  listen() {
    clearTimeout(this.silence);
    const socket = this.socket;
    this.silence = setTimeout(() => {
      socket.close(); // which may take long on a dead line
      this.close({ target: socket });
    }, SILENCE_MS);
  }

  turn(state) {
    if (this.state === state) return;
    this.state = state;
    this.become(state);
  }
}
