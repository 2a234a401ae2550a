// Two pictures over one another in the same place, wiped at a line; zoomed and moved as one.

import { ask, make } from "./base.js";

const MARGIN = 0.06;

export class Stage {
  /** box: where it lies; slider: <input type=range> of 0 to 1000 that moves the line. */
  constructor(box, slider) {
    this.box = box;
    this.slider = slider;
    this.plane = make("div", { class: "plane" });
    this.line = make("div", { class: "line", "aria-hidden": "true" });
    this.box.append(this.plane, this.line);
    this.size = [16, 9];
    this.focus = null;
    this.wipes = false;
    this.differs = false;
    this.grabbed = null;
    slider.addEventListener("input", () => this.place());
    new ResizeObserver(() => this.fit()).observe(box);
    box.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    box.addEventListener("pointerdown", (event) => this.grab(event));
    box.addEventListener("pointermove", (event) => this.drag(event));
    for (const name of ["pointerup", "pointercancel"]) box.addEventListener(name, () => { this.grabbed = null; });
  }

  /** layers: elements, the one on the left of the line first; size: [height, width] of the picture; focus: [left, top, width, height] to fit. */
  show(layers, size, focus, wipes) {
    const moved = String(size) !== String(this.size) || String(focus) !== String(this.focus);
    [this.size, this.focus, this.wipes] = [size, focus, wipes];
    layers.forEach((layer) => layer.classList.add("layer"));
    this.plane.replaceChildren(...layers);
    if (moved) this.fit(); else this.place();
  }

  /** Fit the focus, or the whole picture. */
  fit(whole = !this.focus) {
    const [height, width] = this.size;
    const [left, top, w, h] = whole ? [0, 0, width, height] : this.focus;
    const pad = whole ? 0 : MARGIN * Math.max(w, h);
    const { clientWidth, clientHeight } = this.box;
    if (!clientWidth || !clientHeight) return;
    this.scale = Math.min(clientWidth / (w + 2 * pad), clientHeight / (h + 2 * pad));
    this.left = clientWidth / 2 - (left + w / 2) * this.scale;
    this.top = clientHeight / 2 - (top + h / 2) * this.scale;
    this.place();
  }

  zoom(factor, x = this.box.clientWidth / 2, y = this.box.clientHeight / 2) {
    const scale = Math.min(64, Math.max(0.02, this.scale * factor));
    this.left = x - (x - this.left) * (scale / this.scale);
    this.top = y - (y - this.top) * (scale / this.scale);
    this.scale = scale;
    this.place();
  }

  /** One picture pixel a screen pixel. */
  actual() {
    this.zoom(1 / (window.devicePixelRatio || 1) / this.scale);
  }

  /** The difference of the two, four times as bright; or the wipe again. */
  difference() {
    this.differs = !this.differs;
    this.place();
    return this.differs;
  }

  /** Move the line by some thousandths. */
  nudge(by) {
    this.slider.value = Number(this.slider.value) + by;
    this.place();
  }

  /** Picture coordinates of a pointer: pixel centres on integers. */
  at(event) {
    const box = this.box.getBoundingClientRect();
    return [(event.clientX - box.left - this.left) / this.scale - 0.5, (event.clientY - box.top - this.top) / this.scale - 0.5];
  }

  place() {
    if (!this.scale) return;
    const [height, width] = this.size;
    const { style } = this.plane;
    style.width = `${width * this.scale}px`;
    style.height = `${height * this.scale}px`;
    style.transform = `translate(${this.left}px, ${this.top}px)`;
    this.line.hidden = !this.wipes || this.differs;
    this.plane.classList.toggle("differing", this.wipes && this.differs);
    this.plane.classList.toggle("coarse", this.scale * (window.devicePixelRatio || 1) >= 3);
    const x = (Number(this.slider.value) / 1000) * this.box.clientWidth;
    this.line.style.left = `${x}px`;
    const layers = this.plane.children;
    if (layers.length > 1) {
      const shown = Math.min(Math.max(x - this.left, 0), width * this.scale);
      layers[1].style.clipPath = this.wipes && !this.differs ? `inset(0 0 0 ${shown}px)` : "none";
      layers[1].style.mixBlendMode = this.wipes && this.differs ? "difference" : "normal";
    }
  }

  wheel(event) {
    event.preventDefault();
    const box = this.box.getBoundingClientRect();
    this.zoom(Math.exp(-event.deltaY / 400), event.clientX - box.left, event.clientY - box.top);
  }

  grab(event) {
    if (this.paints?.(event)) return;
    const x = event.clientX - this.box.getBoundingClientRect().left;
    const near = Math.abs(x - (Number(this.slider.value) / 1000) * this.box.clientWidth) < 24;
    this.grabbed = { line: this.wipes && near && event.button === 0, x: event.clientX - this.left, y: event.clientY - this.top };
    this.box.setPointerCapture(event.pointerId);
    event.preventDefault();
  }

  drag(event) {
    if (!this.grabbed) return;
    if (this.grabbed.line) {
      const box = this.box.getBoundingClientRect();
      this.slider.value = ((event.clientX - box.left) / box.width) * 1000;
    } else {
      this.left = event.clientX - this.grabbed.x;
      this.top = event.clientY - this.grabbed.y;
    }
    this.place();
  }
}

/** An <img> that is decoded before it takes the place of the one before it; nothing flickers. */
export async function loaded(src, alt) {
  const picture = make("img", { src, alt, draggable: "false" });
  await picture.decode().catch(async () => {
    await ask(src); // says why, where the server knows
    throw new Error(`A picture does not load: ${src}`);
  });
  return picture;
}
