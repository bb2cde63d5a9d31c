// @ts-check
// overview.js: the whole run in a strip: how busy it is, the faults, the steps, and what the views
// below show. Dragging in it moves the cursor.

/** @import { Run, Shown } from "./types" */

import { FONT, INKS, halo, hatched, surface } from "./canvas.js";
import { axis } from "./axis.js";
import { goStop, scrub } from "./steps.js";

export const overview = {
  /** @type {HTMLCanvasElement} */
  canvas: /** @type {any} */ (null), // set before anything is drawn
  width: 0, height: 58, heaps: new Float64Array(0),
  /** @type {Shown | null} */
  shown: null, // what the heaps are of
  /** @type {[number, number][]} */
  places: [], // where the numbers of the stops stand
};

// heapsOf counts the shown events for every two pixels of the strip.
/** @param {Run} run @param {number} width */
export function heapsOf(run, width) {
  const heaps = new Float64Array(Math.ceil(width / 2) + 1), at = axis.shown.at;
  for (let j = 0; j < at.length; j++) heaps[Math.floor(at[j] / run.end * width / 2)]++;
  let most = 1;
  for (const n of heaps) if (n > most) most = n;
  for (let k = 0; k < heaps.length; k++) heaps[k] = Math.log2(1 + heaps[k]) / Math.log2(1 + most);
  return heaps;
}

/** @param {Run} run @param {number} width @param {number} t */
export function drawOverview(run, width, t) {
  overview.height = width < 640 ? 46 : 58;
  const h = overview.height, c = surface(overview.canvas, width, h), x = (/** @type {number} */ at) => at / run.end * width;
  if (overview.width !== width || overview.shown !== axis.shown) {
    overview.heaps = heapsOf(run, width);
    overview.width = width;
    overview.shown = axis.shown;
  }
  for (const b of run.d.bands) {
    c.fillStyle = INKS[b.kind];
    c.fillRect(x(b.from), 0, Math.max(2, x(b.to) - x(b.from)), h - 8);
  }
  c.fillStyle = INKS.grey;
  c.globalAlpha = 0.5;
  for (let k = 0; k < overview.heaps.length; k++) {
    const tall = overview.heaps[k] * 24;
    if (tall) c.fillRect(k * 2, h - 8 - tall, 1.6, tall);
  }
  c.globalAlpha = 1;
  if (run.veiled) {
    c.fillStyle = INKS.card;
    c.fillRect(x(run.veilFrom), 0, width, h - 8);
    hatched(c, x(run.veilFrom), 0, width - x(run.veilFrom), h - 8, INKS.grey);
    c.textAlign = "center";
    c.font = FONT;
    const middle = (x(run.veilFrom) + width) / 2;
    if (width - x(run.veilFrom) > 150) halo(c, "hidden until you reveal it", middle, h / 2 - 4, INKS.dim);
  }
  const [t0, t1] = axis.span(), w = Math.max(4, x(t1) - x(t0));
  if (t1 - t0 < run.end * 0.98) {
    c.fillStyle = INKS.accent;
    c.globalAlpha = 0.16;
    c.fillRect(x(t0), 0, w, h - 8);
    c.globalAlpha = 1;
    c.strokeStyle = INKS.accent;
    c.lineWidth = 1.5;
    c.strokeRect(x(t0) + 0.5, 0.75, w, h - 9);
  }
  c.fillStyle = INKS.bad;
  c.fillRect(Math.min(width - 2, Math.max(0, x(t) - 1)), 0, 2, h - 4);
  drawStrip(run, c, x, h);
}

// drawStrip numbers the steps on the strip.
/** @param {Run} run @param {CanvasRenderingContext2D} c @param {(at: number) => number} x @param {number} h */
function drawStrip(run, c, x, h) {
  c.font = FONT;
  c.textAlign = "center";
  let last = -1e9;
  overview.places = [];
  run.stops.forEach((stop, k) => {
    if (stop.at === undefined || run.veiled && stop.at >= run.veilFrom) return;
    const at = Math.min(Math.max(x(stop.at), 9), overview.width - 9), now = k === run.stop;
    overview.places.push([at, k]);
    c.fillStyle = INKS.accent;
    c.fillRect(at - 1, h - 12, 2, 6);
    if (at - last < 17 && !now) return;
    c.beginPath();
    c.arc(at, 11, 9, 0, 7);
    c.fillStyle = now ? INKS.accent : INKS.paper;
    c.fill();
    c.strokeStyle = INKS.accent;
    c.lineWidth = 1.3;
    c.stroke();
    c.fillStyle = now ? INKS.paper : INKS.accent;
    c.fillText(String(k + 1), at, 11.5);
    last = at;
  });
}

// listenOverview moves the cursor to where the strip is pressed.
/** @param {Run} run */
export function listenOverview(run) {
  const canvas = overview.canvas;
  const to = (/** @type {MouseEvent} */ e) => {
    const box = canvas.getBoundingClientRect();
    return Math.max(0, Math.min(1, (e.clientX - box.left) / box.width)) * run.end;
  };
  canvas.addEventListener("pointerdown", (e) => {
    canvas.setPointerCapture(e.pointerId);
    const box = canvas.getBoundingClientRect(), x = e.clientX - box.left, y = e.clientY - box.top;
    const hit = y < 24 ? overview.places.find(([at]) => Math.abs(at - x) < 9) : null;
    if (hit) goStop(hit[1]); else scrub(to(e), true);
  });
  canvas.addEventListener("pointermove", (e) => {
    if (e.buttons & 1) scrub(to(e), true);
  });
}
