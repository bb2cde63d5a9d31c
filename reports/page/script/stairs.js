// @ts-check
// stairs.js: a track of lines that hold a value until the next, such as offsets.

/** @import { Line, Scale, Track } from "./types" */

import { el, fill } from "./dom.js";
import { INKS, halo, surface } from "./canvas.js";
import { above } from "./columns.js";
import { axis, roundStep, ticks } from "./axis.js";
import { run } from "./state.js";
import { diagram } from "./layout.js";

// newTrack is what every track has: a canvas, and a legend in its heading.
export function newTrack() {
  return { canvas: el("canvas", { "aria-hidden": "true" }), legend: el("p", { class: "legend" }) };
}

// sample draws how a line looks, for a legend.
/** @param {Line} line */
function sample(line) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("width", "26");
  svg.setAttribute("height", "10");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", "M0 5H26");
  path.setAttribute("class", `stroke-${line.ink}`);
  path.setAttribute("stroke-width", String(line.thick));
  const dash = line.phase === undefined ? line.dash : [3, 3]; // those that stand between others are too far apart
  if (dash.length) path.setAttribute("stroke-dasharray", dash.join(" "));
  svg.append(path);
  return svg;
}

// stairsTrack is a track of lines that hold a value until the next.
/** @param {Line[]} lines @param {(v: number) => string} unit @param {number} height @param {Scale} [options] */
export function stairsTrack(lines, unit, height, options = {}) {
  /** @type {Track & { lines: Line[] }} */
  const track = {
    ...newTrack(), lines, height,
    draw(width) { drawStairs(track, track.lines, width, unit, options); },
    legendOf() {
      fill(track.legend, ...track.lines.map((line) => {
        line.readout = el("b", {}, "");
        const mark = line.mark ? el("i", { class: `mark edge-${line.ink}` }, line.mark) : "";
        return el("span", { class: "key" }, mark, sample(line), line.name, " ", line.readout);
      }));
    },
    read(t) {
      for (const line of track.lines) {
        const v = valueAt(line, t), text = Number.isNaN(v) ? "–" : unit(v);
        if (line.shownText === text || !line.readout) continue;
        line.shownText = line.readout.textContent = text;
      }
    },
  };
  return track;
}

// valueAt is what a line says at a time, NaN for nothing.
/** @param {Line} line @param {number} t */
export function valueAt(line, t) {
  const k = above(line.at, t) - 1;
  if (k < 0 || line.until && t >= line.at[k] + line.until) return NaN;
  return line.value[k];
}

// fitting are the lines that a picture must hold; a committed offset that is far behind would flatten it.
/** @param {Line[]} lines @param {number} t0 @param {number} t1 */
function fitting(lines, t0, t1) {
  const main = lines.filter((l) => !l.behind);
  if (!main.length || main.length === lines.length) return lines;
  const [a, b] = bounds(main, t0, t1), [lo, hi] = bounds(lines, t0, t1);
  return hi - lo > 4 * (b - a) && b < hi * 20 && t1 - t0 < run.end * 0.5 ? main : lines;
}

// bounds are the least and the greatest value in the window.
/** @param {Line[]} lines @param {number} t0 @param {number} t1 @param {boolean} [zero] */
export function bounds(lines, t0, t1, zero) {
  let lo = zero ? 0 : Infinity, hi = zero ? 0 : -Infinity;
  for (const line of lines) {
    const from = Math.max(0, above(line.at, t0) - 1), to = above(line.at, t1);
    const skip = Math.max(1, Math.floor((to - from) / 2000));
    for (let k = from; k < to; k += skip) {
      const v = line.value[k];
      if (v < lo) lo = v;
      if (v > hi) hi = v;
    }
    if (to > from) {
      const v = line.value[to - 1];
      if (v < lo) lo = v;
      if (v > hi) hi = v;
    }
  }
  if (lo > hi) return [0, 1];
  const room = Math.max((hi - lo) * 0.08, zero ? 0 : 0.6);
  return [zero ? 0 : Math.max(0, lo - room), hi + Math.max(room, (hi - lo) * 0.05) || 1];
}

/**
 * @param {Track} track @param {Line[]} lines @param {number} width
 * @param {(v: number) => string} unit @param {Scale} options
 */
function drawStairs(track, lines, width, unit, options) {
  const h = track.height, c = surface(track.canvas, width, h);
  const [t0, t1] = axis.span();
  const [lo, hi] = bounds(fitting(lines, t0, t1), t0, t1, options.zero);
  const y = (/** @type {number} */ v) => h - 6 - (v - lo) / (hi - lo) * (h - 14);
  drawGrid(c, h);
  const step = Math.max(options.whole ? 1 : 0, roundStep((hi - lo) / 3));
  c.textAlign = "right";
  for (let v = Math.ceil(lo / step) * step; v <= hi; v += step) {
    c.strokeStyle = INKS.faint;
    c.beginPath();
    c.moveTo(axis.left, Math.round(y(v)) + 0.5);
    c.lineTo(axis.left + axis.width, Math.round(y(v)) + 0.5);
    c.stroke();
    const text = unit(v);
    if (diagram.narrow) {
      c.textAlign = "left";
      halo(c, text, axis.left + 2, Math.max(8, y(v) - 7), INKS.dim);
    } else {
      c.fillStyle = INKS.dim;
      c.fillText(text, axis.left - 8, Math.max(8, y(v)));
    }
  }
  c.save();
  c.beginPath();
  c.rect(axis.left, 0, axis.width, h);
  c.clip();
  for (const line of lines) drawStair(c, line, y, t0, t1);
  drawMarks(c, lines.filter((line) => line.mark), y);
  c.restore();
}

// drawStair draws one line; where it has more corners than pixels it is sampled at every pixel.
/**
 * @param {CanvasRenderingContext2D} c @param {Line} line @param {(v: number) => number} y
 * @param {number} t0 @param {number} t1
 */
function drawStair(c, line, y, t0, t1) {
  c.strokeStyle = INKS[line.ink];
  c.lineWidth = line.thick;
  c.setLineDash(line.dash);
  c.lineDashOffset = line.phase || 0;
  c.lineJoin = "round";
  c.beginPath();
  const from = Math.max(0, above(line.at, t0) - 1), to = above(line.at, t1);
  let open = false, before = NaN;
  const corner = (/** @type {number} */ x, /** @type {number} */ v) => {
    if (Number.isNaN(v)) {
      if (open) c.lineTo(x, y(before));
      open = false;
      return;
    }
    if (open) {
      c.lineTo(x, y(before));
      c.lineTo(x, y(v));
    } else c.moveTo(x, y(v));
    open = true;
    before = v;
  };
  if (to - from > axis.width || line.until) {
    for (let x = axis.left; x <= axis.left + axis.width; x++) corner(x, valueAt(line, axis.tOf(axis.atX(x))));
  } else {
    for (let k = from; k < to; k++) corner(Math.max(axis.left, axis.xOf(line.at[k])), line.value[k]);
    if (open) c.lineTo(axis.left + axis.width, y(before));
  }
  c.stroke();
  c.setLineDash([]);
}

const MARK_APART = 36; // pixels between two marks along the axis, about

// markPlaces are where the marks of lines stand: each line has places of its own along the axis, so that
// lines which lie on each other are still told apart.
/** @param {Line[]} lines @param {(v: number) => number} y @returns {{ line: Line, x: number, y: number }[]} */
export function markPlaces(lines, y) {
  const n = lines.length, places = n * Math.max(1, Math.floor(axis.width / (MARK_APART * n)));
  /** @type {{ line: Line, x: number, y: number }[]} */
  const out = [];
  const put = (/** @type {Line} */ line, /** @type {number} */ part) => {
    const x = axis.left + axis.width * part, v = valueAt(line, axis.tOf(axis.atX(x)));
    if (Number.isNaN(v) || out.some((p) => Math.abs(p.x - x) < 17 && Math.abs(p.y - y(v)) < 16)) return;
    out.push({ line, x, y: y(v) });
  };
  for (let j = 0; j < places; j++) put(lines[j % n], (j + 0.5) / places);
  for (const line of lines) { // one that is not there in its own places has any that is free
    for (let j = 0; j < 100 && !out.some((p) => p.line === line); j++) put(line, (j + 0.5) / 100);
  }
  return out;
}

/** @param {CanvasRenderingContext2D} c @param {Line[]} lines @param {(v: number) => number} y */
function drawMarks(c, lines, y) {
  if (!lines.length) return;
  c.textAlign = "center";
  for (const place of markPlaces(lines, y)) {
    const mark = place.line.mark || "", w = 7 + 7 * mark.length;
    c.fillStyle = INKS.paper;
    c.fillRect(place.x - w / 2, place.y - 7, w, 14);
    c.strokeStyle = INKS[place.line.ink];
    c.lineWidth = 1.5;
    c.strokeRect(place.x - w / 2, place.y - 7, w, 14);
    c.fillStyle = INKS.text;
    c.fillText(mark, place.x, place.y + 0.5);
  }
}

/** @param {CanvasRenderingContext2D} c @param {number} h */
export function drawGrid(c, h) {
  c.lineWidth = 1;
  c.strokeStyle = INKS.faint;
  c.beginPath();
  for (const t of ticks()) {
    c.moveTo(Math.round(t.x) + 0.5, 0);
    c.lineTo(Math.round(t.x) + 0.5, h);
  }
  c.stroke();
}
