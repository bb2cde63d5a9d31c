// @ts-check
// axis.js: the one axis that all views share. In its own unit, u, it counts microseconds, or in
// even spacing the shown events.

/** @import { Run, Shown } from "./types" */
import { above } from "./columns.js";

export const axis = {
  even: false, u0: 0, u1: 1, left: 0, width: 1,
  /** @type {Shown} */
  shown: { events: new Int32Array(0), at: new Float64Array(0), rank: new Int32Array(0), long: [], reach: 0 },
  /** @param {number} u */
  x(u) { return this.left + (u - this.u0) / (this.u1 - this.u0) * this.width; },
  /** @param {number} x */
  atX(x) { return this.u0 + (x - this.left) / this.width * (this.u1 - this.u0); },
  /** @param {number} t */
  xOf(t) { return this.x(this.uOf(t)); },
  // uOf is where a time lies. Between two events of even spacing it is in proportion.
  /** @param {number} t */
  uOf(t) {
    if (!this.even) return t;
    const at = this.shown.at, k = above(at, t);
    if (k === 0) return at.length ? Math.max(-1, (t - at[0]) / Math.max(at[0], 1)) : 0;
    if (k === at.length) return k - 1 + Math.min(1, (t - at[k - 1]) / 1e6);
    return k - 1 + (t - at[k - 1]) / (at[k] - at[k - 1]);
  },
  /** @param {number} u */
  tOf(u) {
    if (!this.even) return u;
    const at = this.shown.at, k = Math.floor(u);
    if (!at.length) return 0;
    if (k < 0) return Math.max(0, at[0] * (1 + Math.max(u, -1)));
    if (k >= at.length - 1) return at[at.length - 1] + (u - at.length + 1) * 1e6;
    return at[k] + (u - k) * (at[k + 1] - at[k]);
  },
  // xEvent is where an event stands.
  /** @param {Run} run @param {number} i */
  xEvent(run, i) {
    if (!this.even) return this.x(run.at[i]);
    const r = this.shown.rank[i];
    return this.x(r >= 0 ? r : this.uOf(run.at[i]));
  },
  // xSent is where a message leaves.
  /** @param {Run} run @param {number} i */
  xSent(run, i) {
    if (!this.even) return this.x(run.sent[i]);
    const c = run.cause[i];
    if (c >= 0 && run.lane[c] === run.peer[i] && this.shown.rank[c] >= 0) return this.x(this.shown.rank[c]);
    return Math.min(this.xOf(run.sent[i]), this.xEvent(run, i));
  },
  // span are the times at both ends.
  span() { return [this.tOf(this.u0), this.tOf(this.u1)]; },
  /** @param {Run} run @returns {[number, number]} */
  full(run) { return this.even ? [-1, Math.max(this.shown.at.length, 1)] : [0, run.end]; },
  least() { return this.even ? 4 : 40; },
  // show sets the window, within the run.
  /** @param {Run} run @param {number} u0 @param {number} u1 */
  show(run, u0, u1) {
    const [lo, hi] = this.full(run);
    let width = Math.min(Math.max(u1 - u0, this.least()), hi - lo);
    u0 = Math.min(Math.max(u0, lo), hi - width);
    this.u0 = u0;
    this.u1 = u0 + width;
  },
};

// clockDecimals is how exactly times of a run are written.
/** @param {number} end */
export function clockDecimals(end) { return end > 0 ? 6 : 3; }

// clock prints a time in seconds: "12.003740 s".
/** @param {number} t @param {number} [decimals] */
export function clock(t, decimals = 6) { return (t / 1e6).toFixed(decimals) + " s"; }

// length prints a stretch of time in the unit that suits it.
/** @param {number} us */
export function length(us) {
  const a = Math.abs(us), trim = (/** @type {number} */ v) => String(Number(v.toPrecision(3)));
  if (a < 1000) return `${trim(us)} µs`;
  if (a < 999500) return `${trim(us / 1000)} ms`;
  return `${trim(us / 1e6)} s`;
}

// roundStep is the next of 1, 2, 5, 10 … that is at least v.
/** @param {number} v */
export function roundStep(v) {
  const p = Math.pow(10, Math.floor(Math.log10(Math.max(v, 1e-9))));
  for (const f of [1, 2, 5]) if (f * p >= v * 0.999) return f * p;
  return 10 * p;
}

// ticks are the marks of the axis: where, and what stands there.
export function ticks() {
  const out = [];
  if (axis.even) {
    const room = Math.max(1, roundStep((axis.u1 - axis.u0) / (axis.width / 105)));
    let last = NaN;
    for (let u = Math.ceil(Math.max(axis.u0, 0) / room) * room; u <= axis.u1; u += room) {
      if (u >= axis.shown.at.length || axis.shown.at[u] === last) continue;
      last = axis.shown.at[u];
      out.push({ x: axis.x(u), text: clock(last) });
    }
    return out;
  }
  const step = Math.max(1, roundStep((axis.u1 - axis.u0) / (axis.width / 105)));
  const decimals = Math.max(0, Math.min(6, 6 - Math.floor(Math.log10(step))));
  for (let t = Math.ceil(axis.u0 / step) * step; t <= axis.u1; t += step) {
    out.push({ x: axis.x(t), text: clock(t, decimals) });
  }
  return out;
}
