// @ts-check
// layout.js: where the lanes of the diagram stand.

/** @import { Band, Hit, LaneRow, Place, Run, Shown } from "./types" */

import { axis } from "./axis.js";
import { view } from "./state.js";
import { filter } from "./filter.js";

export const BUCKET = 4; // pixels of a heap of arrows

export const diagram = {
  /** @type {HTMLCanvasElement} */
  canvas: /** @type {any} */ (null), // set before anything is drawn
  height: 0, top: 0, dense: false, narrow: false,
  /** @type {number[]} */
  lanes: [], // those that are shown, from the top
  /** @type {LaneRow[]} */
  rows: [], // where they stand
  /** @type {number[]} */
  y: [], // of every lane's line, −1 for one that is hidden
  bandRows: { /** @type {Map<Band, number>} */ rows: new Map(), count: 0 },
  /** @type {Hit[]} */
  hits: [], // what is drawn as an arrow or a mark
  /** @type {Place[]} */
  places: [], // what is written beside them and above, to be chosen like them
  /** @type {Set<number>} */
  path: new Set(), // events of the chosen chain
  counts: new Uint32Array(0), columns: 0, // of the heaps
};

const FOLDED_ROW = 17;

// layDiagram decides where lanes stand.
/** @param {Run} run @param {number} width */
export function layDiagram(run, width) {
  const narrow = width < 640;
  axis.left = narrow ? 8 : 190;
  axis.width = width - axis.left - (narrow ? 8 : 16);
  diagram.narrow = narrow;
  diagram.lanes = laneOrder(run).filter((i) => !filter.lanes.has(i));
  const folded = foldedLanes(run), open = diagram.lanes.filter((lane) => !folded.has(lane)).length;
  const high = open > 14 ? 36 : narrow ? 44 : 56;
  diagram.bandRows = rowsOf(run.d.bands.filter((b) => b.lane < 0 && !(run.veiled && b.from >= run.veilFrom)));
  const flags = run.flags.filter((f) => !(run.veiled && f.at >= run.veilFrom)).length;
  diagram.top = 50 + Math.min(flags, 2) * 17 + diagram.bandRows.count * 18;
  diagram.y = new Array(run.lanes.length).fill(-1);
  let top = diagram.top;
  diagram.rows = diagram.lanes.map((lane) => {
    const row = { lane, top, height: folded.has(lane) ? FOLDED_ROW : high, folded: folded.has(lane) };
    diagram.y[lane] = top + row.height * (narrow && !row.folded ? 0.66 : 0.5);
    top += row.height;
    return row;
  });
  diagram.height = top + 8;
}

// rowOf is where a lane stands, undefined for one that is hidden.
/** @param {number} lane */
export function rowOf(lane) { return diagram.rows[diagram.lanes.indexOf(lane)]; }

// rowAt is the row at a height.
/** @param {number} y */
export function rowAt(y) { return diagram.rows.find((r) => y >= r.top && y < r.top + r.height); }

// laneOrder lists the lanes from the top: brokers, who writes, who reads, and at last the helpers.
/** @param {Run} run */
export function laneOrder(run) {
  const rank = (/** @type {number} */ i) => isHelper(run, i) ? 3 : ["broker", "producer", "consumer"].indexOf(run.lanes[i].role);
  return run.lanes.map((_, i) => i).sort((a, b) => rank(a) - rank(b) || a - b);
}

// isHelper is true of nodes that a run needs and a lesson is not about: ZooKeeper, who creates topics, and
// who reads everything at the end.
/** @param {Run} run @param {number} lane */
function isHelper(run, lane) {
  const { id, role } = run.lanes[lane];
  return role === "zookeeper" || role === "admin" || id === "final-reader";
}

// foldedLanes have low rows: the helpers, and clients that have nothing to do yet. One that is chosen, or has
// the chosen event, is not folded.
/** @param {Run} run */
export function foldedLanes(run) {
  const until = axis.span()[1], begins = beginnings(run), chosen = view.event >= 0 ? run.lane[view.event] : -1;
  /** @type {Set<number>} */
  const folded = new Set();
  run.lanes.forEach(({ role }, lane) => {
    const idle = role !== "broker" && begins[lane] > until;
    if ((isHelper(run, lane) || idle) && lane !== view.lane && lane !== chosen) folded.add(lane);
  });
  return folded;
}

let begun = { shown: /** @type {Shown | null} */ (null), at: new Float64Array(0) };

// beginnings say of every lane when it begins to do something that is shown.
/** @param {Run} run */
function beginnings(run) {
  if (begun.shown === axis.shown) return begun.at;
  const at = new Float64Array(run.lanes.length).fill(Infinity);
  const note = (/** @type {number} */ lane, /** @type {number} */ t) => { if (lane >= 0 && t < at[lane]) at[lane] = t; };
  for (const i of axis.shown.events) {
    note(run.lane[i], run.at[i]);
    note(run.peer[i], run.sent[i]);
  }
  begun = { shown: axis.shown, at };
  return at;
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
