// @ts-check
// stops.js: the stops of the walk through the story, and the flags over the diagram.

/** @import { Moment, Run, Stop } from "./types" */

import { above } from "./columns.js";
import { FAULT, NOTE } from "./data.js";
import { shortNames } from "./words.js";
import { run } from "./state.js";

// buildStops lists the stops: the steps of the story, with the question before the deciding one and the
// answer at the end.
/** @param {Run} run */
export function buildStops(run) {
  const { moments, steps, lesson } = run.d;
  /** @type {Stop[]} */
  const stops = steps.map((s) => moments[s]).map((m) => ({ ...m, when: m.at, event: eventSaying(run, m) }));
  run.stop = -1;
  run.veiled = false;
  run.veilFrom = Infinity;
  if (lesson.question) {
    const deciding = Math.min(Math.max(run.d.deciding, 0), stops.length);
    const at = stops.length ? stops[Math.min(deciding, stops.length - 1)].when : 0;
    run.veilFrom = at;
    stops.splice(deciding, 0, { ask: true, event: -1, when: Math.max(0, at - 1) });
    run.ask = deciding;
    if (lesson.answer) stops.push({ answer: true, event: -1, when: run.end });
  }
  run.stops = stops;
}

// eventSaying is the event that a moment tells of: of all at that time and place the one that says so.
/** @param {Run} run @param {Moment} m */
function eventSaying(run, m) {
  if (!(m.event >= 0)) return -1;
  const said = m.what.split("; and ")[0];
  for (let i = above(run.at, m.at - 0.5); i < run.n && run.at[i] === m.at; i++) {
    if (run.lane[i] === run.lane[m.event] && shortNames(run.strings[run.text[i]]) === said) return i;
  }
  return m.event;
}

// eventAt is the event that a flag or a band tells of: at that time the fault or note of its node, −1 where
// the page has none.
/** @param {Run} run @param {number} at @param {number} lane */
export function eventAt(run, at, lane) {
  let best = -1;
  for (let i = above(run.at, at - 0.5); i < run.n && run.at[i] === at; i++) {
    const own = run.lane[i] === lane || lane < 0;
    if (run.sort[i] === FAULT && own) return i;
    if (run.sort[i] === NOTE && (best < 0 || own && run.lane[best] !== lane)) best = i;
  }
  return best;
}

// buildFlags are the elections, rebalances and single faults that stand over all lanes.
/** @param {Run} run */
export function buildFlags(run) {
  const flags = run.d.marks.slice();
  if (!flags.some((f) => f.kind === "rebalance")) {
    for (let i = 0; i < run.n; i++) {
      if (run.strings[run.kind[i]] !== "rebalance-started") continue;
      flags.push({ at: run.at[i], kind: "rebalance", label: "rebalance", lane: run.lane[i] });
    }
  }
  run.flags = flags.sort((a, b) => a.at - b.at);
}
