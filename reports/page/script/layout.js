// @ts-check
// layout.js: where the lanes of the diagram stand.

/** @import { Band, Hit, Run } from "./types" */

import { axis } from "./axis.js";
import { filter } from "./filter.js";

export const BUCKET = 4; // pixels of a heap of arrows

export const diagram = {
  /** @type {HTMLCanvasElement} */
  canvas: /** @type {any} */ (null), // set before anything is drawn
  height: 0, top: 0, rowHeight: 46, dense: false, narrow: false,
  /** @type {number[]} */
  lanes: [], // those that are shown
  /** @type {number[]} */
  y: [], // of every lane, −1 for one that is hidden
  bandRows: { /** @type {Map<Band, number>} */ rows: new Map(), count: 0 },
  /** @type {Hit[]} */
  hits: [], // what is drawn as an arrow or a mark
  /** @type {Set<number>} */
  path: new Set(), // events of the chosen chain
  counts: new Uint32Array(0), columns: 0, // of the heaps
};

// layDiagram decides where lanes stand.
/** @param {Run} run @param {number} width */
export function layDiagram(run, width) {
  const narrow = width < 640;
  axis.left = narrow ? 8 : 190;
  axis.width = width - axis.left - (narrow ? 8 : 16);
  diagram.narrow = narrow;
  diagram.lanes = run.lanes.map((_, i) => i).filter((i) => !filter.lanes.has(i));
  diagram.rowHeight = diagram.lanes.length > 14 ? 36 : narrow ? 52 : 56;
  diagram.bandRows = rowsOf(run.d.bands.filter((b) => b.lane < 0));
  diagram.top = 50 + flagRows(run) * 17 + diagram.bandRows.count * 18;
  diagram.y = new Array(run.lanes.length).fill(-1);
  diagram.lanes.forEach((lane, k) => {
    diagram.y[lane] = diagram.top + (k + (narrow ? 0.66 : 0.5)) * diagram.rowHeight;
  });
  diagram.height = diagram.top + diagram.lanes.length * diagram.rowHeight + 8;
}

// rowsOf gives bands that overlap rows of their own.
/** @param {Band[]} bands */
export function rowsOf(bands) {
  /** @type {number[]} */
  const ends = [], rows = new Map();
  for (const b of bands) {
    let r = ends.findIndex((end) => end <= b.from);
    if (r < 0) r = ends.length < 3 ? ends.push(0) - 1 : 2;
    ends[r] = b.to;
    rows.set(b, r);
  }
  return { rows, count: ends.length };
}

/** @param {Run} run */
function flagRows(run) { return run.flags.length ? 2 : 0; }
