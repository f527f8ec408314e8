// A box over a picture that says which part of it counts, in pixels of the upright picture whatever size it is shown at.
// Own code: Cropper.js 2 listens for arrow keys on the whole document, its handles can't be focused or labelled, and its
// box may leave the picture. Pointers: drag inside to move, at a handle to resize, elsewhere to draw a new box.
// Keys, of the box or the handle that has the focus alone: arrows move it, with Shift in large steps, with Ctrl by single
// pixels; Escape takes the whole picture.

const EDGES = {
  nw: "top left corner", n: "top edge", ne: "top right corner", e: "right edge",
  se: "bottom right corner", s: "bottom edge", sw: "bottom left corner", w: "left edge",
};
const STEPS = 50; // along the shorter side
const LARGE = 5; // times a step
const SETTLE_MS = 350; // long enough for the next key press of somebody who holds an arrow key down

export class CropBox {
  /** @param {HTMLElement} frame holds the img; data-width, data-height, data-crop. @param {(crop) => void} settled */
  constructor(frame, settled) {
    this.frame = frame;
    this.settled = settled;
    this.width = Number(frame.dataset.width);
    this.height = Number(frame.dataset.height);
    this.least = Math.min(this.width, this.height, Math.max(16, Math.round(Math.min(this.width, this.height) / 12)));
    this.shade = add(frame, "div", "shade");
    this.hole = add(this.shade, "i", "");
    this.box = add(frame, "div", "crop-box");
    this.box.tabIndex = 0;
    this.box.setAttribute("role", "application");
    this.box.setAttribute("aria-roledescription", "crop box");
    this.box.setAttribute("aria-describedby", "crop-keys");
    for (const [edge, name] of Object.entries(EDGES)) {
      const handle = add(this.box, "button", `handle ${edge}`);
      handle.type = "button";
      handle.dataset.edge = edge;
      handle.setAttribute("aria-label", name);
      handle.setAttribute("aria-roledescription", "handle of the crop box");
      handle.setAttribute("aria-describedby", "crop-keys");
    }
    this.told = add(frame, "span", "unseen"); // a handle's own name stays, so that its place is told here
    this.told.setAttribute("role", "status");
    frame.addEventListener("pointerdown", (event) => this.grab(event));
    this.box.addEventListener("keydown", (event) => this.press(event));
    this.put(parseCrop(frame.dataset.crop) ?? this.whole());
    this.announced = this.text();
  }

  whole() {
    return { x: 0, y: 0, width: this.width, height: this.height };
  }

  isWhole() {
    return this.crop.width === this.width && this.crop.height === this.height;
  }

  /** The crop as the address has it, empty for the whole picture. */
  text() {
    const { x, y, width, height } = this.crop;
    return this.isWhole() ? "" : `${x},${y},${width},${height}`;
  }

  put(crop) {
    const width = clamp(Math.round(crop.width), this.least, this.width);
    const height = clamp(Math.round(crop.height), this.least, this.height);
    const x = clamp(Math.round(crop.x), 0, this.width - width);
    const y = clamp(Math.round(crop.y), 0, this.height - height);
    this.crop = { x, y, width, height };
    for (const { style } of [this.box, this.hole]) {
      style.left = `${(100 * x) / this.width}%`;
      style.top = `${(100 * y) / this.height}%`;
      style.width = `${(100 * width) / this.width}%`;
      style.height = `${(100 * height) / this.height}%`;
    }
    this.shade.hidden = this.isWhole();
    this.box.setAttribute("aria-label", this.isWhole() ? "Crop box: the whole picture" : `Crop box: ${width} by ${height} pixels, ${x} from the left, ${y} from the top`);
    this.frame.dispatchEvent(new CustomEvent("crop", { detail: this.crop }));
  }

  /** Show a crop that was decided elsewhere, such as by going back; nothing is told. */
  show(text) {
    clearTimeout(this.timer);
    this.put(parseCrop(text) ?? this.whole());
    this.announced = this.text();
  }

  /** Change the box and, once it rests, tell. */
  change(crop, wait = SETTLE_MS) {
    this.put(crop);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.settle(), wait);
  }

  settle() {
    if (this.text() === this.announced) return;
    this.announced = this.text();
    this.told.textContent = this.box.getAttribute("aria-label");
    this.settled(this.text());
  }

  press(event) {
    const single = Math.max(1, Math.round(Math.min(this.width, this.height) / STEPS));
    const step = event.ctrlKey ? 1 : single * (event.shiftKey ? LARGE : 1);
    const along = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    if (event.key === "Escape") this.change(this.whole());
    else if (along && event.target.dataset.edge) this.change(this.resized(event.target.dataset.edge, this.crop, ...along));
    else if (along) this.change({ ...this.crop, x: this.crop.x + along[0], y: this.crop.y + along[1] });
    else return;
    event.preventDefault();
  }

  /** *from* with the sides named by *edge* moved, kept inside the picture and no smaller than the least. */
  resized(edge, from, across, down) {
    let [left, top, right, bottom] = [from.x, from.y, from.x + from.width, from.y + from.height];
    if (edge.includes("w")) left = clamp(left + across, 0, right - this.least);
    if (edge.includes("e")) right = clamp(right + across, left + this.least, this.width);
    if (edge.includes("n")) top = clamp(top + down, 0, bottom - this.least);
    if (edge.includes("s")) bottom = clamp(bottom + down, top + this.least, this.height);
    return { x: left, y: top, width: right - left, height: bottom - top };
  }

  grab(event) {
    if (event.button !== 0 || this.pointer !== undefined) return;
    const edge = event.target.dataset?.edge;
    const moves = event.target === this.box && !this.isWhole();
    if (!edge && !moves && event.pointerType === "touch" && event.target !== this.box) return; // let the page scroll
    event.preventDefault();
    (edge ? event.target : this.box).focus({ preventScroll: true });
    this.pointer = event.pointerId;
    this.frame.setPointerCapture(event.pointerId);
    const start = this.point(event);
    const from = { ...this.crop };
    const moved = (next) => {
      if (next.pointerId !== this.pointer) return;
      const now = this.point(next);
      const [across, down] = [now.x - start.x, now.y - start.y];
      if (edge) this.change(this.resized(edge, from, across, down));
      else if (moves) this.change({ ...from, x: from.x + across, y: from.y + down });
      else if (Math.hypot(across, down) > this.least / 2) this.change(between(start, now));
    };
    const done = (last) => {
      if (last.pointerId !== this.pointer) return;
      this.pointer = undefined;
      this.frame.removeEventListener("pointermove", moved);
      for (const end of ["pointerup", "pointercancel"]) this.frame.removeEventListener(end, done);
    };
    this.frame.addEventListener("pointermove", moved);
    for (const end of ["pointerup", "pointercancel"]) this.frame.addEventListener(end, done);
  }

  /** Where the pointer is, in pixels of the picture. */
  point(event) {
    const shown = this.frame.getBoundingClientRect();
    return {
      x: clamp(((event.clientX - shown.left) / shown.width) * this.width, 0, this.width),
      y: clamp(((event.clientY - shown.top) / shown.height) * this.height, 0, this.height),
    };
  }
}

function between(one, other) {
  return {
    x: Math.min(one.x, other.x), y: Math.min(one.y, other.y),
    width: Math.abs(one.x - other.x), height: Math.abs(one.y - other.y),
  };
}

function parseCrop(text) {
  const [x, y, width, height] = (text || "").split(",").map(Number);
  return height > 0 ? { x, y, width, height } : undefined;
}

function clamp(value, least, most) {
  return Math.min(Math.max(value, least), most);
}

function add(parent, tag, className) {
  const element = document.createElement(tag);
  element.className = className;
  parent.append(element);
  return element;
}
