// @ts-check
// window.js: which part of the run is in the window.

/** @import { Stop } from "./types" */

import { above } from "./columns.js";
import { axis } from "./axis.js";
import { redraw, run } from "./state.js";

// beforeVeil is up to where a window goes that shows what may be seen, and a little of the veil.
export function beforeVeil() { return run.veiled ? Math.min(run.end, run.veilFrom * 1.12) : run.end; }

/** @param {number} until */
export function showWhole(until) {
  axis.show(run, axis.even ? -1 : 0, axis.uOf(until));
}

// aroundStop chooses a window in which what happens around a stop can be told apart.
/** @param {Stop} stop */
export function aroundStop(stop) {
  const at = axis.shown.at, t = stop.when;
  if (stop.tag === "silence" || !(stop.event >= 0)) {
    const span = Math.min(run.end, stop.tag === "silence" ? 12e6 : 2e6);
    const before = stop.tag === "silence" ? 0.75 : 0.25; // a silence is told when it is over
    const [a, b] = [axis.uOf(Math.max(0, t - span * before)), axis.uOf(Math.min(run.end, t + span * (1 - before)))];
    axis.show(run, a, b);
    return;
  }
  if (axis.even) {
    const u = axis.uOf(t);
    axis.show(run, u - 9, u + 22);
    return;
  }
  const near = nearestEvents(at, t, 7);
  let span = 800;
  for (const wider of [1e3, 1.5e3, 2e3, 3e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7]) {
    if (span >= near * 1.8 || above(at, t + wider * 0.65) - above(at, t - wider * 0.35) > 40) break;
    span = wider;
  }
  const burst = burstAround(at, t);
  if (burst.times >= 3) {
    const need = Math.max((t - burst.from) / 0.32, (burst.to - t) / 0.6, 600);
    if (need < span || need < 4000) span = need;
  }
  axis.show(run, t - span * 0.35, t + span * 0.65);
}

// burstAround is the run of shown events around a time that follow each other within 2 ms.
/** @param {ArrayLike<number>} at @param {number} t */
export function burstAround(at, t) {
  const apart = 2000, most = 60;
  let lo = above(at, t) - 1, hi = lo, times = 1;
  for (let n = 0; lo > 0 && at[lo] - at[lo - 1] <= apart && n < most; n++) times += Number(at[lo] > at[--lo]);
  for (let n = 0; hi >= 0 && hi + 1 < at.length && at[hi + 1] - at[hi] <= apart && n < most; n++) times += Number(at[hi] < at[++hi]);
  return { from: lo >= 0 ? at[lo] : t, to: hi >= 0 ? at[hi] : t, times };
}

// nearestEvents is how far from a time the n-th nearest time is at which something shown happens.
/** @param {ArrayLike<number>} at @param {number} t @param {number} n */
export function nearestEvents(at, t, n) {
  let lo = above(at, t) - 1, hi = lo + 1, far = 0;
  for (; n > 0 && (lo >= 0 || hi < at.length); n--) {
    const before = lo >= 0 ? t - at[lo] : Infinity, after = hi < at.length ? at[hi] - t : Infinity;
    if (before <= after) lo--; else hi++;
    if (Math.min(before, after) - far < 1) n++; // as good as the same time
    else far = Math.min(before, after);
  }
  return far;
}

// intoView moves the window so that a time is in its middle part.
/** @param {number} t */
export function intoView(t) {
  const u = axis.uOf(t), w = axis.u1 - axis.u0;
  if (u < axis.u0 + w * 0.05 || u > axis.u1 - w * 0.12) axis.show(run, u - w * 0.35, u + w * 0.65);
  redraw();
}
