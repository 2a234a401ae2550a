// The composited group, playing in a loop beside the original; frames are fetched once and drawn on canvases.

import { make } from "./base.js";

const AT_ONCE = 4;
const LARGE = 96; // frames that are held at the size to look at; a longer group is held small

export class Loop {
  /** shown: hears which frame is shown. */
  constructor(shown) {
    this.shown = shown;
    this.canvases = [make("canvas", { role: "img", "aria-label": "Original" }), make("canvas", { role: "img", "aria-label": "Result" })];
    this.playing = true;
    this.turn = 0;
    this.frames = [];
  }

  /** Load frames first to last and play them. Throws where one does not load. Resolves to false where another load has begun meanwhile. */
  async load(first, last, rate, stamp) {
    const turn = ++this.turn;
    this.frames = [];
    [this.first, this.rate, this.index] = [first, rate, 0];
    const numbers = Array.from({ length: last - first + 1 }, (_, at) => first + at);
    const frames = new Array(numbers.length);
    const size = numbers.length > LARGE ? "thumb" : "loop";
    const waiting = numbers.map((number, at) => [number, at]);
    const fetcher = async () => {
      for (let next = waiting.shift(); next && turn === this.turn; next = waiting.shift()) {
        frames[next[1]] = await Promise.all([
          bitmap(`/picture/src/${next[0]}?size=${size}`), bitmap(`/picture/comp/${next[0]}?size=${size}&v=${stamp}`),
        ]);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, fetcher));
    if (turn !== this.turn) return false;
    this.frames = frames;
    const { width, height } = frames[0][1];
    for (const canvas of this.canvases) Object.assign(canvas, { width, height });
    this.draw();
    this.began = performance.now();
    requestAnimationFrame((now) => this.tick(now, turn));
    return true;
  }

  stop() {
    this.turn += 1;
    this.frames = [];
  }

  tick(now, turn) {
    if (turn !== this.turn) return;
    if (this.playing) {
      const passed = Math.floor(((now - this.began) * this.rate) / 1000);
      if (passed > 0) {
        this.began += (passed * 1000) / this.rate;
        this.step(passed);
      }
    } else {
      this.began = now;
    }
    requestAnimationFrame((later) => this.tick(later, turn));
  }

  step(by) {
    if (!this.frames.length) return;
    this.index = (((this.index + by) % this.frames.length) + this.frames.length) % this.frames.length;
    this.draw();
  }

  draw() {
    this.frames[this.index].forEach((picture, at) => this.canvases[at].getContext("2d", { alpha: false }).drawImage(picture, 0, 0));
    this.shown(this.first + this.index);
  }
}

async function bitmap(src) {
  const reply = await fetch(src);
  if (!reply.ok) throw new Error(`A frame does not load: ${src}`);
  return createImageBitmap(await reply.blob());
}
