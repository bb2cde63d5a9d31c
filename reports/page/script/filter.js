// @ts-check
// filter.js: which events are shown.

/** @import { Run } from "./types" */

import { $, el } from "./dom.js";
import { above } from "./columns.js";
import { FAULT, HELD } from "./data.js";
import { axis } from "./axis.js";

export const filter = {
  /** @type {Set<number>} */
  lanes: new Set(), // hidden nodes
  /** @type {Set<string>} */
  apis: new Set(), // hidden APIs, by name
  partition: -1, // the only one, −1 for all
  changes: 0,
  folds: [true, false, false, false, false], // shown: what is not folded, then as FOLDS
};

// FOLDS name what is folded.
const FOLDS = ["", "Heartbeats", "Fetches that bring nothing", "Timers, flushes, connections",
  "Notes on internal topics"];

// shownEvents lists the events that pass the filter, with their times and, for every event of the run,
// its place in the list. long are the messages that take longer than reach.
/** @param {Run} run */
export function shownEvents(run) {
  const hidden = run.strings.map((s) => filter.apis.has(s));
  const p = filter.partition;
  const about = run.sets.map((set) => p < 0 || set.includes(p));
  const list = new Int32Array(run.n), rank = new Int32Array(run.n).fill(-1);
  let k = 0;
  for (let i = 0; i < run.n; i++) {
    const sort = run.sort[i], lane = run.lane[i], peer = run.peer[i];
    if (!filter.folds[run.fold[i]] || filter.lanes.has(lane)) continue;
    if (sort <= HELD && (hidden[run.api[i]] || filter.lanes.has(peer))) continue;
    if (p >= 0 && sort !== FAULT && !about[run.parts[i]]) continue;
    rank[i] = k;
    list[k++] = i;
  }
  const events = list.slice(0, k), at = new Float64Array(k);
  for (let j = 0; j < k; j++) at[j] = run.at[events[j]];
  const reach = 60000, long = [];
  for (let j = 0; j < k; j++) if (at[j] - run.sent[events[j]] > reach) long.push(events[j]);
  return { events, at, rank, long, reach };
}

// inWindow are the ends, in the list, of the shown events that touch the window.
export function inWindow() {
  const s = axis.shown, [t0, t1] = axis.span();
  if (axis.even) {
    return [Math.max(0, Math.floor(axis.u0) - 2), Math.min(s.events.length, Math.ceil(axis.u1) + 12)];
  }
  return [above(s.at, t0 - 1), above(s.at, t1 + s.reach)];
}

// buildFilters fills the form with a box for each node, API and fold.
/** @param {Run} run @param {() => void} changed */
export function buildFilters(run, changed) {
  /** @type {(label: string, on: boolean, set: (on: boolean) => void, ink?: string) => HTMLElement} */
  const box = (label, on, set, ink) => {
    const input = el("input", { type: "checkbox" });
    input.checked = on;
    input.addEventListener("change", () => { set(input.checked); changed(); });
    return el("label", { class: "box" }, input, ink ? el("i", { class: `swatch ink-${ink}` }) : "", label);
  };
  /** @type {<T>(set: Set<T>, key: T) => (on: boolean) => void} */
  const toggle = (set, key) => (on) => { if (on) set.delete(key); else set.add(key); };
  const nodes = el("fieldset", {}, el("legend", {}, "Nodes"),
    ...run.lanes.map((l, i) => box(l.id, true, toggle(filter.lanes, i))));
  const folds = el("fieldset", {}, el("legend", {}, "Folded at first"),
    ...[1, 2, 3, 4].map((f) => box(FOLDS[f], filter.folds[f], (on) => { filter.folds[f] = on; })));
  const select = el("select", { id: "partition" }, el("option", { value: "-1" }, "all partitions"),
    ...run.partitions.map((p, i) => el("option", { value: String(i) }, p)));
  select.addEventListener("change", () => { filter.partition = Number(select.value); changed(); });
  const parts = el("fieldset", {}, el("legend", {}, "Partition"),
    el("label", { class: "box" }, "Only what is about ", select));
  const [copy, read] = ["copy", "read"].map((id) => run.families.findIndex((f) => f.id === id));
  const seen = new Map();
  for (let i = 0; i < run.n; i++) {
    if (run.sort[i] <= HELD) seen.set(run.strings[run.api[i]], run.family[i] === copy ? read : run.family[i]);
  }
  const apis = el("fieldset", { class: "apis" }, el("legend", {}, "Requests, by API"));
  run.families.forEach((f, k) => {
    const names = [...seen].filter(([, family]) => family === k).map(([name]) => name).sort();
    for (const name of names) apis.append(box(name, true, toggle(filter.apis, name), f.ink));
  });
  $("filters").append(nodes, apis, folds, parts);
}
