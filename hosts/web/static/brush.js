// The mask of a frame, painted over by pointer or by keys, sent as PNG of the frame's size.

import { make } from "./base.js";

const UNDONE = 20;

export class Brush {
  constructor(stage, width) {
    this.stage = stage;
    this.width = width;
    this.erases = false;
    this.canvas = make("canvas", { role: "img", "aria-label": "Mask, red where the picture changes" });
    this.ring = make("div", { class: "ring", "aria-hidden": "true" });
    this.down = false;
    this.pen = false;
    this.undone = [];
    this.touched = false;
    stage.box.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) stage.box.addEventListener(name, () => { this.down = false; });
    width.addEventListener("input", () => this.drawRing());
  }

  /** Take a mask as it stands; picture: an <img> of it, size [height, width]. */
  open(picture, [height, width], focus) {
    Object.assign(this.canvas, { width, height });
    this.context = this.canvas.getContext("2d", { willReadFrequently: true });
    this.context.drawImage(picture, 0, 0);
    const pixels = this.context.getImageData(0, 0, width, height);
    for (let at = 0; at < pixels.data.length; at += 4) {
      const inside = pixels.data[at] > 0;
      pixels.data.set(inside ? [255, 60, 40, 255] : [0, 0, 0, 0], at);
    }
    this.context.putImageData(pixels, 0, 0);
    this.undone = [];
    this.touched = false;
    if (!this.sized && focus) this.width.value = Math.round(Math.min(focus[2], focus[3]) / 5);
    this.sized = true;
    this.at = focus ? [focus[0] + focus[2] / 2, focus[1] + focus[3] / 2] : [width / 2, height / 2];
    this.stage.paints = (event) => this.grab(event);
    this.stage.box.append(this.ring);
    this.drawRing();
  }

  close() {
    this.stage.paints = null;
    this.ring.remove();
    this.down = this.pen = false;
  }

  /** The left button paints; others move the picture. */
  grab(event) {
    if (event.button !== 0) return false;
    this.keep();
    this.down = true;
    this.stage.box.setPointerCapture(event.pointerId);
    this.at = this.stage.at(event);
    this.stroke(this.at, this.at);
    event.preventDefault();
    return true;
  }

  move(event) {
    if (!this.stage.paints) return;
    const to = this.stage.at(event);
    if (this.down) this.stroke(this.at, to);
    this.at = to;
    this.drawRing();
  }

  /** By keys: the ring moves by some screen pixels, and paints where the pen is down. */
  nudge(dx, dy) {
    const to = [this.at[0] + dx / this.stage.scale, this.at[1] + dy / this.stage.scale];
    to[0] = Math.min(Math.max(to[0], 0), this.canvas.width - 1);
    to[1] = Math.min(Math.max(to[1], 0), this.canvas.height - 1);
    if (this.pen) this.stroke(this.at, to);
    this.at = to;
    this.drawRing();
  }

  /** Put the pen down or lift it. */
  press() {
    this.pen = !this.pen;
    if (this.pen) {
      this.keep();
      this.stroke(this.at, this.at);
    }
    this.drawRing();
    return this.pen;
  }

  stroke(from, to) {
    const { context } = this;
    context.globalCompositeOperation = this.erases ? "destination-out" : "source-over";
    context.strokeStyle = "rgb(255, 60, 40)";
    context.lineWidth = Number(this.width.value);
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    context.moveTo(from[0] + 0.5, from[1] + 0.5);
    context.lineTo(to[0] + 0.5, to[1] + 0.501);
    context.stroke();
    this.touched = true;
  }

  keep() {
    this.undone.push(this.context.getImageData(0, 0, this.canvas.width, this.canvas.height));
    const most = Math.max(2, Math.min(UNDONE, Math.floor(4e7 / (this.canvas.width * this.canvas.height))));
    if (this.undone.length > most) this.undone.shift();
  }

  undo() {
    const before = this.undone.pop();
    if (before) this.context.putImageData(before, 0, 0);
    return Boolean(before);
  }

  drawRing() {
    if (!this.stage.paints) return;
    const wide = Number(this.width.value) * this.stage.scale;
    const { style } = this.ring;
    style.width = style.height = `${wide}px`;
    style.left = `${(this.at[0] + 0.5) * this.stage.scale + this.stage.left}px`;
    style.top = `${(this.at[1] + 0.5) * this.stage.scale + this.stage.top}px`;
    this.ring.classList.toggle("erases", this.erases);
    this.ring.classList.toggle("pressed", this.pen);
  }

  /** The mask as a PNG, white where the picture changes. */
  async png() {
    const { width, height } = this.canvas;
    const out = Object.assign(document.createElement("canvas"), { width, height });
    const context = out.getContext("2d");
    const pixels = this.context.getImageData(0, 0, width, height);
    for (let at = 0; at < pixels.data.length; at += 4) {
      const level = pixels.data[at + 3] >= 128 ? 255 : 0;
      pixels.data.set([level, level, level, 255], at);
    }
    context.putImageData(pixels, 0, 0);
    return new Promise((done) => out.toBlob(done, "image/png"));
  }
}
