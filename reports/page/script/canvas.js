// @ts-check
// canvas.js: drawing surfaces, the inks of the style sheet, and texts that do not lie on each other.

// surface makes a canvas as large as it is shown, in the screen's own pixels.
/** @param {HTMLCanvasElement} canvas @param {number} width @param {number} height */
export function surface(canvas, width, height) {
  const scale = window.devicePixelRatio || 1;
  const w = Math.max(1, Math.round(width * scale)), h = Math.max(1, Math.round(height * scale));
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const c = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  c.setTransform(scale, 0, 0, scale, 0, 0);
  c.clearRect(0, 0, width, height);
  c.font = FONT;
  c.textBaseline = "middle";
  return c;
}

export const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif';

// INKS are the page's colours, read from its style sheet; readInks reads them again.
/** @type {Record<string, string>} */
export const INKS = {};

export const INK_NAMES = ["paper", "card", "text", "dim", "line", "faint", "accent", "bad", "ok", "blue", "green",
  "purple", "orange", "vermillion", "grey", "sky", "down", "paused", "network", "other"];

export function readInks() {
  const style = getComputedStyle(document.documentElement);
  for (const name of INK_NAMES) INKS[name] = style.getPropertyValue(`--${name}`).trim() || "#888";
}

// Labels keeps texts from lying on each other.
export class Labels {
  constructor() {
    /** @type {Map<number, [number, number][]>} */
    this.rows = new Map();
  }
  // free takes the rectangle if nothing is there yet.
  /** @param {number} x @param {number} y @param {number} w @param {number} h */
  free(x, y, w, h) {
    const y0 = Math.floor(y / 8), y1 = Math.floor((y + h) / 8);
    for (let r = y0; r <= y1; r++) {
      for (const [a, b] of this.rows.get(r) || []) if (x < b && x + w > a) return false;
    }
    for (let r = y0; r <= y1; r++) {
      if (!this.rows.has(r)) this.rows.set(r, []);
      this.rows.get(r)?.push([x, x + w]);
    }
    return true;
  }
}

// halo writes text that stays readable on lines.
/** @param {CanvasRenderingContext2D} c @param {string} text @param {number} x @param {number} y @param {string} ink */
export function halo(c, text, x, y, ink) {
  c.lineJoin = "round";
  c.lineWidth = 4;
  c.strokeStyle = INKS.paper;
  c.strokeText(text, x, y);
  c.fillStyle = ink;
  c.fillText(text, x, y);
}

/** @type {Map<string, number>} */
const textWidths = new Map();

// widthOf is how wide a text is in the page's font.
/** @param {CanvasRenderingContext2D} c @param {string} text */
export function widthOf(c, text) {
  let w = textWidths.get(text);
  if (w === undefined) {
    if (textWidths.size > 20000) textWidths.clear();
    textWidths.set(text, w = c.measureText(text).width);
  }
  return w;
}

// clip shortens a text to a width.
/** @param {CanvasRenderingContext2D} c @param {string} text @param {number} width */
export function clip(c, text, width) {
  if (widthOf(c, text) <= width) return text;
  let n = Math.max(1, Math.floor(text.length * width / widthOf(c, text)));
  while (n > 1 && c.measureText(text.slice(0, n) + "…").width > width) n--;
  return text.slice(0, n) + "…";
}

// hatched fills a rectangle with slanted lines, so that a band is known without its colour.
/** @param {CanvasRenderingContext2D} c @param {number} x @param {number} y @param {number} w @param {number} h @param {string} ink */
export function hatched(c, x, y, w, h, ink) {
  c.save();
  c.beginPath();
  c.rect(x, y, w, h);
  c.clip();
  c.strokeStyle = ink;
  c.lineWidth = 1;
  c.globalAlpha = 0.55;
  c.beginPath();
  for (let a = x - h - ((x - h) % 9); a < x + w; a += 9) {
    c.moveTo(a, y + h);
    c.lineTo(a + h, y);
  }
  c.stroke();
  c.restore();
}

// cross draws ✗.
/** @param {CanvasRenderingContext2D} c @param {number} x @param {number} y @param {string} ink */
export function cross(c, x, y, ink) {
  c.lineWidth = 5;
  c.strokeStyle = INKS.paper;
  for (const pass of [0, 1]) {
    c.beginPath();
    c.moveTo(x - 4.5, y - 4.5);
    c.lineTo(x + 4.5, y + 4.5);
    c.moveTo(x - 4.5, y + 4.5);
    c.lineTo(x + 4.5, y - 4.5);
    c.stroke();
    c.lineWidth = 2.2;
    if (pass === 0) c.strokeStyle = ink;
  }
}
