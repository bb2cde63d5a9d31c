// @ts-check
// diagram.js: the space-time diagram: one lane for each node, messages as arrows. Only what lies in
// the window is drawn; where arrows are too many to tell apart, how many there are is drawn instead.

/** @import { Run } from "./types" */

import { FONT, INKS, Labels, clip, halo, hatched, surface, widthOf } from "./canvas.js";
import { TIMER } from "./data.js";
import { axis, length, ticks } from "./axis.js";
import { inWindow } from "./filter.js";
import { diagram, rowOf } from "./layout.js";
import { eventAt } from "./stops.js";
import { drawEvents } from "./arrows.js";
import { drawHeaps, heapBase } from "./heaps.js";

const MANY = 900; // arrows that can be told apart

// drawDiagram draws all but what moves with the cursor.
/** @param {Run} run @param {number} width */
export function drawDiagram(run, width) {
  const c = surface(diagram.canvas, width, diagram.height);
  const [lo, hi] = inWindow();
  let arrows = 0;
  for (let j = lo; j < hi && arrows <= MANY; j++) if (run.sort[axis.shown.events[j]] !== TIMER) arrows++;
  diagram.dense = arrows > MANY;
  diagram.hits = [];
  diagram.places = [];
  const labels = new Labels();
  drawBands(run, c, labels);
  drawAxis(run, c);
  drawLanes(c);
  c.save();
  c.beginPath();
  c.rect(axis.left - 1, 0, axis.width + 2, diagram.height);
  c.clip();
  drawFlags(run, c);
  if (diagram.dense) drawHeaps(run, c, lo, hi); else drawEvents(run, c, lo, hi, labels);
  c.restore();
}

// drawAxis draws the times, and the steps of the story as numbers in circles.
/** @param {Run} run @param {CanvasRenderingContext2D} c */
function drawAxis(run, c) {
  c.font = FONT;
  c.textAlign = "center";
  c.lineWidth = 1;
  let last = -1e9;
  for (const t of ticks()) {
    c.strokeStyle = INKS.faint;
    c.beginPath();
    c.moveTo(Math.round(t.x) + 0.5, 18);
    c.lineTo(Math.round(t.x) + 0.5, diagram.height);
    c.stroke();
    const half = widthOf(c, t.text) / 2;
    if (t.x - half < axis.left - 4 || t.x + half > axis.left + axis.width + 12 || t.x - half < last) continue;
    c.fillStyle = INKS.dim;
    c.fillText(t.text, t.x, 9);
    last = t.x + half + 8;
  }
  if (axis.even) drawGaps(c);
  drawSteps(run, c, 31);
}

// drawGaps says where even spacing leaves out a long time.
/** @param {CanvasRenderingContext2D} c */
function drawGaps(c) {
  const at = axis.shown.at, lo = Math.max(1, Math.ceil(axis.u0)), hi = Math.min(at.length, axis.u1);
  if (hi - lo > 400) return;
  for (let k = lo; k < hi; k++) {
    const gap = at[k] - at[k - 1];
    if (gap < 50000) continue;
    const x = axis.x(k - 0.5);
    c.fillStyle = INKS.card;
    c.fillRect(x - 9, diagram.top - 2, 18, diagram.height - diagram.top);
    c.save();
    c.translate(x, diagram.height - 12);
    c.rotate(-Math.PI / 2);
    c.textAlign = "left";
    c.fillStyle = INKS.dim;
    c.fillText(`${length(gap)} pass`, 0, 0);
    c.restore();
  }
}

// drawSteps numbers the stops of the story.
/** @param {Run} run @param {CanvasRenderingContext2D} c @param {number} y */
function drawSteps(run, c, y) {
  c.font = FONT;
  c.textAlign = "center";
  let last = -1e9;
  run.stops.forEach((stop, k) => {
    if (stop.at === undefined || run.veiled && stop.at >= run.veilFrom) return;
    const x = axis.xOf(stop.at);
    if (x < axis.left - 8 || x > axis.left + axis.width + 8) return;
    const now = k === run.stop;
    if (x - last < 20 && !now) {
      c.fillStyle = INKS.accent;
      c.fillRect(x - 1, y + 11, 2, 6);
      return;
    }
    c.beginPath();
    c.arc(x, y, 9.5, 0, 7);
    c.fillStyle = now ? INKS.accent : INKS.paper;
    c.fill();
    c.lineWidth = 1.5;
    c.strokeStyle = INKS.accent;
    c.stroke();
    c.fillStyle = now ? INKS.paper : INKS.accent;
    c.fillText(String(k + 1), x, y + 0.5);
    diagram.places.push({ x: x - 10, y: y - 10, w: 20, h: 20, event: -1, stop: k });
    last = x;
  });
}

// drawLanes draws the lines of the nodes, and on them the stretches in which a node is not there.
/** @param {CanvasRenderingContext2D} c */
function drawLanes(c) {
  c.lineWidth = 1.5;
  for (const row of diagram.rows) {
    const y = Math.round(diagram.y[row.lane] + (diagram.dense ? heapBase(row) : 0)) + 0.5;
    c.strokeStyle = INKS.line;
    c.beginPath();
    c.moveTo(axis.left, y);
    c.lineTo(axis.left + axis.width, y);
    c.stroke();
  }
}

// drawBands draws the faults that last: over a node's lane, or over all with a bar that names them.
/** @param {Run} run @param {CanvasRenderingContext2D} c @param {Labels} labels */
function drawBands(run, c, labels) {
  const x0 = axis.left, x1 = axis.left + axis.width;
  for (const b of run.d.bands) {
    const from = Math.max(x0, axis.xOf(b.from)), to = Math.min(x1, axis.xOf(b.to));
    if (to <= x0 || from >= x1 || run.veiled && b.from >= run.veilFrom) continue;
    const w = Math.max(2, to - from);
    c.textAlign = "left";
    if (b.lane < 0) {
      const y = diagram.top - 4 - diagram.bandRows.count * 18 + diagram.bandRows.rows.get(b) * 18;
      c.fillStyle = INKS[b.kind];
      c.fillRect(from, y, w, 16);
      c.globalAlpha = 0.35;
      c.fillRect(from, y + 16, w, diagram.height - y - 16);
      c.globalAlpha = 1;
      c.fillStyle = INKS.text;
      if (w <= 40) continue;
      const label = clip(c, b.label, w - 10);
      c.fillText(label, from + 5, y + 8.5);
      diagram.places.push({ x: from, y, w: widthOf(c, label) + 10, h: 16, event: eventAt(run, b.from, b.lane) });
      continue;
    }
    const row = rowOf(b.lane);
    if (!row) continue;
    const y = row.top + 2, high = row.height - 4;
    c.fillStyle = INKS[b.kind];
    c.fillRect(from, y, w, high);
    hatched(c, from, y, w, high, INKS.grey);
    c.fillStyle = INKS.text;
    const text = diagram.narrow ? b.kind : b.label;
    if (w < 30) continue;
    const shown = clip(c, text, w - 10), below = row.folded ? high / 2 : high - 9;
    halo(c, shown, from + 6, y + below, INKS.text);
    labels.free(from + 4, y + below - 6, widthOf(c, shown) + 6, 12);
    diagram.places.push({ x: from + 4, y: y + below - 7, w: widthOf(c, shown) + 6, h: 14, event: eventAt(run, b.from, b.lane) });
  }
}

// drawFlags draws elections, rebalances and single faults as flags over all lanes.
/** @param {Run} run @param {CanvasRenderingContext2D} c */
function drawFlags(run, c) {
  if (!run.flags.length) return;
  const labels = new Labels();
  const y = 44;
  c.font = FONT;
  c.textAlign = "left";
  for (const f of run.flags) {
    const x = Math.round(axis.xOf(f.at)) + 0.5;
    if (x < axis.left || x > axis.left + axis.width || run.veiled && f.at >= run.veilFrom) continue;
    const ink = INKS[FLAG_INKS[f.kind] || "vermillion"];
    c.strokeStyle = ink;
    c.lineWidth = 1.2;
    c.setLineDash(f.kind === "rebalance" ? [2, 4] : [6, 4]);
    c.beginPath();
    c.moveTo(x, y);
    c.lineTo(x, diagram.height);
    c.stroke();
    c.setLineDash([]);
    const text = "⚑ " + f.label, w = widthOf(c, text);
    const at = Math.min(x + 3, axis.left + axis.width - w - 4);
    for (const row of [0, 1]) {
      if (!labels.free(at - 2, row * 17, w + 10, 8)) continue;
      halo(c, text, at, y + 8 + row * 17, ink);
      diagram.places.push({ x: at, y: y + row * 17, w, h: 16, event: eventAt(run, f.at, f.lane) });
      break;
    }
  }
}

/** @type {Record<string, string>} */
const FLAG_INKS = { election: "vermillion", controller: "blue", rebalance: "orange", offline: "bad", fault: "bad" };
