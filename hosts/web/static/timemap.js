// The time map: ref frames from left to right, clip frames upwards; a line where the clip plays. Click or drag to go there.

import { make } from "./base.js";

const SVG = "http://www.w3.org/2000/svg";
const [WIDE, HIGH] = [1000, 200];
const POINTS = 800;

function draw(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** The clip frame of every ref frame, null where nothing plays, from [first, step, count] each. */
export function decoded(coded) {
  return coded.flatMap(([first, step, count]) => Array.from({ length: count }, (_, at) => (first === -1 ? null : first + step * at)));
}

export class TimeMap {
  /** go: hears of the ref frame that the person wants to see. */
  constructor(box, go) {
    this.box = box;
    this.go = go;
    this.svg = draw("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", "aria-hidden": "true" });
    this.back = draw("g", {});
    this.front = draw("g", {});
    this.svg.append(this.back, this.front);
    this.scales = ["from", "to", "high"].map((name) => make("span", { class: `scale ${name}`, "aria-hidden": "true" }));
    box.append(this.svg, ...this.scales);
    box.addEventListener("pointerdown", (event) => { box.setPointerCapture(event.pointerId); this.down = true; this.point(event); });
    box.addEventListener("pointermove", (event) => { if (this.down) this.point(event); });
    for (const name of ["pointerup", "pointercancel"]) box.addEventListener(name, () => { this.down = false; });
    box.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    box.addEventListener("dblclick", () => this.range(0, this.state.ref.frames));
  }

  hear(state, frames) {
    const fresh = !this.state || this.state.ref.frames !== state.ref.frames;
    [this.state, this.frames] = [state, frames];
    if (fresh) [this.first, this.end] = [0, state.ref.frames];
    this.draw();
  }

  range(first, end) {
    const all = this.state.ref.frames;
    const long = Math.min(all, Math.max(16, end - first));
    this.first = Math.min(Math.max(0, first), all - long);
    this.end = this.first + long;
    this.draw();
    this.mark(this.at, this.clip);
  }

  x(ref) { return ((ref + 0.5 - this.first) / (this.end - this.first)) * WIDE; }
  y(clip) { return HIGH - 6 - ((clip + 0.5) / this.state.clip.frames) * (HIGH - 12); }

  point(event) {
    const box = this.box.getBoundingClientRect();
    const frame = Math.floor(this.first + ((event.clientX - box.left) / box.width) * (this.end - this.first));
    this.go(Math.min(Math.max(frame, 0), this.state.ref.frames - 1));
  }

  wheel(event) {
    event.preventDefault();
    const box = this.box.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    const long = (this.end - this.first) * Math.exp(event.deltaY / 400);
    const under = this.first + share * (this.end - this.first);
    this.range(under - share * long, under + (1 - share) * long);
  }

  draw() {
    const parts = [1, 2, 3].map((n) => draw("line", { class: "grid", x1: 0, x2: WIDE, y1: (HIGH * n) / 4, y2: (HIGH * n) / 4 }));
    parts.push(this.score());
    for (const run of this.state.runs) {
      if (run.last < this.first || run.first > this.end) continue;
      if (run.verdict === "unmatched") {
        const [from, to] = [this.x(run.first - 0.5), this.x(run.last + 0.5)];
        parts.push(draw("rect", { class: "nothing", x: from, y: 0, width: Math.max(1, to - from), height: HIGH }));
      } else {
        parts.push(draw("path", { class: `run ${run.verdict} ${run.said}`, d: this.line(run) }));
      }
    }
    for (const [clip, ref] of this.state.anchors) parts.push(this.diamond(this.x(ref), this.y(clip)));
    this.back.replaceChildren(...parts);
    const from = this.state.ref.counts_from;
    [Math.round(this.first) + from, Math.round(this.end) - 1 + from, `clip ${this.state.clip.frames - 1 + this.state.clip.counts_from}`]
      .forEach((text, at) => { this.scales[at].textContent = text; });
  }

  /** A run as a line; as many points as can be seen. */
  line(run) {
    const [first, last] = [Math.max(run.first, Math.floor(this.first)), Math.min(run.last, Math.ceil(this.end))];
    const step = Math.max(1, Math.floor((last - first) / POINTS));
    const points = [];
    for (let ref = first; ref < last; ref += step) points.push(ref);
    points.push(last);
    const seen = points.filter((ref) => this.frames[ref] !== null && this.frames[ref] !== undefined);
    if (seen.length === 1) return `M${this.x(seen[0]) - 1.5} ${this.y(this.frames[seen[0]])}h3`;
    return seen.map((ref, at) => `${at ? "L" : "M"}${this.x(ref).toFixed(2)} ${this.y(this.frames[ref]).toFixed(2)}`).join("");
  }

  score() {
    const { scores } = this.state;
    if (!scores) return draw("path", { class: "score", d: "" });
    const step = Math.max(1, Math.floor((this.end - this.first) / POINTS));
    let path = "";
    let pen = "M";
    for (let ref = Math.floor(this.first); ref < this.end; ref += step) {
      if (scores[ref] === null || scores[ref] === undefined) { pen = "M"; continue; }
      path += `${pen}${this.x(ref).toFixed(2)} ${(HIGH - 2 - scores[ref] * 40).toFixed(2)}`;
      pen = "L";
    }
    return draw("path", { class: "score", d: path });
  }

  diamond(x, y) {
    const [w, h] = [(6 * WIDE) / (this.box.clientWidth || WIDE), (6 * HIGH) / (this.box.clientHeight || HIGH)];
    return draw("path", { class: "anchor", d: `M${x} ${y - h}L${x + w} ${y}L${x} ${y + h}L${x - w} ${y}Z` });
  }

  /** Show where the person is: a ref frame, and the clip frame beside it. */
  mark(ref, clip) {
    [this.at, this.clip] = [ref, clip];
    const parts = [draw("line", { class: "cursor", x1: this.x(ref), x2: this.x(ref), y1: 0, y2: HIGH })];
    if (clip !== null && clip !== undefined) {
      const [rx, ry] = [(3.5 * WIDE) / (this.box.clientWidth || WIDE), (3.5 * HIGH) / (this.box.clientHeight || HIGH)];
      parts.push(draw("ellipse", { class: "here", cx: this.x(ref), cy: this.y(clip), rx, ry }));
    }
    this.front.replaceChildren(...parts);
    const from = this.state.ref.counts_from;
    this.box.setAttribute("aria-valuemin", from);
    this.box.setAttribute("aria-valuemax", this.state.ref.frames - 1 + from);
    this.box.setAttribute("aria-valuenow", ref + from);
    const shows = clip === null || clip === undefined ? "nothing of the clip" : `clip frame ${clip + this.state.clip.counts_from}`;
    this.box.setAttribute("aria-valuetext", `ref frame ${ref + from}, ${shows}`);
  }
}
