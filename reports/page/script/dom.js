// page_dom.js: elements and drawing surfaces. Every text of the run goes in as text, never as HTML.

const $ = (id) => document.getElementById(id);

// el makes an element. Children are elements or texts.
function el(tag, attributes = {}, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") e.addEventListener("click", value);
    else if (value !== null && value !== undefined) e.setAttribute(name, value);
  }
  e.append(...children);
  return e;
}

// fill replaces what an element holds.
function fill(e, ...children) { e.replaceChildren(...children); }

// surface makes a canvas as large as it is shown, in the screen's own pixels.
function surface(canvas, width, height) {
  const scale = window.devicePixelRatio || 1;
  const w = Math.max(1, Math.round(width * scale)), h = Math.max(1, Math.round(height * scale));
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const c = canvas.getContext("2d");
  c.setTransform(scale, 0, 0, scale, 0, 0);
  c.clearRect(0, 0, width, height);
  c.font = FONT;
  c.textBaseline = "middle";
  return c;
}

const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif';
const BOLD = `600 ${FONT}`;

// INKS are the page's colours, read from its style sheet; readInks reads them again.
const INKS = {};
const INK_NAMES = ["paper", "card", "text", "dim", "line", "faint", "accent", "bad", "ok", "blue", "green",
  "purple", "orange", "vermillion", "grey", "sky", "down", "paused", "network", "other"];

function readInks() {
  const style = getComputedStyle(document.documentElement);
  for (const name of INK_NAMES) INKS[name] = style.getPropertyValue(`--${name}`).trim() || "#888";
}

// LINES are the inks of things that stand side by side, such as brokers; the width and the dash differ
// as well, so that one is not hidden by another, nor known by its colour alone.
const LINES = ["blue", "vermillion", "green", "purple", "orange", "sky"];

// Labels keeps texts from lying on each other.
class Labels {
  constructor() { this.rows = new Map(); }
  // free takes the rectangle if nothing is there yet.
  free(x, y, w, h) {
    const y0 = Math.floor(y / 8), y1 = Math.floor((y + h) / 8);
    for (let r = y0; r <= y1; r++) {
      for (const [a, b] of this.rows.get(r) || []) if (x < b && x + w > a) return false;
    }
    for (let r = y0; r <= y1; r++) {
      if (!this.rows.has(r)) this.rows.set(r, []);
      this.rows.get(r).push([x, x + w]);
    }
    return true;
  }
}

// halo writes text that stays readable on lines.
function halo(c, text, x, y, ink) {
  c.lineJoin = "round";
  c.lineWidth = 4;
  c.strokeStyle = INKS.paper;
  c.strokeText(text, x, y);
  c.fillStyle = ink;
  c.fillText(text, x, y);
}

const textWidths = new Map();
// widthOf is how wide a text is in the page's font.
function widthOf(c, text) {
  let w = textWidths.get(text);
  if (w === undefined) {
    if (textWidths.size > 20000) textWidths.clear();
    textWidths.set(text, w = c.measureText(text).width);
  }
  return w;
}

// clip shortens a text to a width.
function clip(c, text, width) {
  if (widthOf(c, text) <= width) return text;
  let n = Math.max(1, Math.floor(text.length * width / widthOf(c, text)));
  while (n > 1 && c.measureText(text.slice(0, n) + "…").width > width) n--;
  return text.slice(0, n) + "…";
}
