// @ts-check
// heaps.js: how many events there are, where they are too many to be drawn as arrows.

/** @import { LaneRow, Run } from "./types" */

import { INKS, cross } from "./canvas.js";
import { HELD, LOST } from "./data.js";
import { axis } from "./axis.js";
import { BUCKET, diagram } from "./layout.js";
import { drawMark } from "./arrows.js";

// heapBase is how far below the line of its row a heap stands.
/** @param {LaneRow} row */
export function heapBase(row) { return row.folded ? row.height / 2 - 2 : diagram.narrow ? 13 : 20; }

// drawHeaps draws for each node how many events every few pixels hold, by family, on a logarithmic
// scale.
/** @param {Run} run @param {CanvasRenderingContext2D} c @param {number} lo @param {number} hi */
export function drawHeaps(run, c, lo, hi) {
  const columns = Math.ceil(axis.width / BUCKET) + 1, kinds = run.families.length;
  const counts = new Uint32Array(run.lanes.length * columns * kinds);
  const s = axis.shown, scale = axis.width / (axis.u1 - axis.u0) / BUCKET;
  for (let j = lo; j < hi; j++) {
    const i = s.events[j];
    if (run.sort[i] > HELD || run.lane[i] < 0) continue;
    const b = Math.floor(((axis.even ? j : s.at[j]) - axis.u0) * scale);
    if (b >= 0 && b < columns) counts[(run.lane[i] * columns + b) * kinds + run.family[i]]++;
  }
  diagram.counts = counts;
  diagram.columns = columns;
  let most = 1;
  for (let k = 0; k < counts.length; k += kinds) {
    let sum = 0;
    for (let f = 0; f < kinds; f++) sum += counts[k + f];
    if (sum > most) most = sum;
  }
  const logMost = Math.log2(1 + most);
  run.families.forEach((family, f) => {
    c.fillStyle = INKS[family.ink];
    c.globalAlpha = 0.8;
    for (const row of diagram.rows) {
      const lane = row.lane, base = diagram.y[lane] + heapBase(row);
      const room = (row.height - (row.folded ? 3 : 10)) / logMost;
      for (let b = 0; b < columns; b++) {
        const k = (lane * columns + b) * kinds;
        let below = 0, sum = 0;
        for (let g = 0; g < kinds; g++) {
          sum += counts[k + g];
          if (g < f) below += counts[k + g];
        }
        if (!counts[k + f]) continue;
        const tall = room * Math.log2(1 + sum), part = tall / sum;
        c.fillRect(axis.left + b * BUCKET, base - (below + counts[k + f]) * part, BUCKET - 0.6,
          counts[k + f] * part);
      }
    }
  });
  c.globalAlpha = 1;
  drawCrosses(run, c, lo, hi);
  drawMoments(run, c);
}

// drawMoments marks what is worth telling where events are not drawn one by one.
/** @param {Run} run @param {CanvasRenderingContext2D} c */
function drawMoments(run, c) {
  const [t0, t1] = axis.span();
  let drawn = 0;
  for (const m of run.d.moments) {
    if (m.weight < 2 || !(m.event >= 0) || m.at < t0 || m.at > t1 || drawn > 300) continue;
    const lane = run.lane[m.event], y = diagram.y[lane];
    if (lane < 0 || y < 0 || run.veiled && m.at >= run.veilFrom) continue;
    const x = axis.xEvent(run, m.event), h = { i: m.event, mark: true, x0: x, y0: y, x1: x, y1: y };
    diagram.hits.push(h);
    drawMark(run, c, h);
    drawn++;
  }
}

// drawCrosses marks lost and held messages where arrows are not drawn one by one.
/** @param {Run} run @param {CanvasRenderingContext2D} c @param {number} lo @param {number} hi */
function drawCrosses(run, c, lo, hi) {
  let drawn = 0, last = -9;
  for (let j = lo; j < hi && drawn < 400; j++) {
    const i = axis.shown.events[j];
    if (run.sort[i] !== LOST && run.sort[i] !== HELD || run.lane[i] < 0) continue;
    const x = axis.xEvent(run, i);
    if (x - last < 3) continue;
    cross(c, x, diagram.y[run.lane[i]] - 8, INKS.bad);
    last = x;
    drawn++;
  }
}
