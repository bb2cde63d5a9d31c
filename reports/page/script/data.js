// @ts-check
// data.js: what the run left in the page, as columns that can be searched.

/** @import { Data, States, Run } from "./types" */

import { above, alongConnections, causes, undelta } from "./columns.js";
import { clockDecimals } from "./axis.js";

// unpack reads the page's data: base64 of deflated JSON.
/** @param {string} text */
export async function unpack(text) {
  const raw = atob(text.trim());
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

// The sorts of events. FRAME, LOST and HELD are messages.
export const FRAME = 1, LOST = 2, HELD = 3, TIMER = 4, FLUSH = 5, CONN = 6, COMMAND = 7, FAULT = 8, NOTE = 9;

/** @type {Record<string, number>} */
const SORTS = {
  frame: FRAME, lost: LOST, held: HELD, timer: TIMER, flushed: FLUSH, "conn-opened": CONN,
  "conn-closed": CONN, command: COMMAND, fault: FAULT, heal: FAULT,
};

const INTERNAL = 4; // folded: a note on internal topics only

// TROUBLE finds the name of an error, such as NOT_LEADER_OR_FOLLOWER, in the text of an answer.
export const TROUBLE = /\b[A-Z]{3,}(_[A-Z]+)+\b/;

// newRun is the run with its tables ready for searching.
/** @param {Data} d */
export function newRun(d) {
  const e = d.events, n = e.n, strings = d.strings;
  /** @type {Run} */
  const run = {
    d, n, strings, lanes: d.lanes, partitions: d.partitions, sets: d.partsets, end: Math.max(d.run.end, 1),
    at: undelta(e.at), seq: undelta(e.seq), lane: Int16Array.from(e.lane), cause: causes(e.cause),
    peer: Int16Array.from(e.peer), version: Int16Array.from(e.version), reply: Uint8Array.from(e.reply),
    corr: alongConnections(e.corr, e.lane, e.conn), conn: e.conn, api: e.api, text: e.text, kind: e.kind, parts: e.parts,
    fold: Uint8Array.from(e.fold), sent: new Float64Array(n), sort: new Uint8Array(n),
    families: d.families, family: Uint8Array.from(e.family), trouble: new Uint8Array(n),
    states: newStates(d.states, strings), clock: clockDecimals(Math.max(d.run.end, 1)), main: "", flags: [],
    stops: [], stop: -1, veiled: false, veilFrom: Infinity, ask: -1, chosen: -1,
  };
  const sortOf = strings.map((s) => SORTS[s] || NOTE);
  const isTrouble = strings.map((s) => TROUBLE.test(s) ? 1 : 0);
  const internal = d.partsets.map((set) => set.length > 0 &&
    set.every((p) => d.partitions[p].startsWith(d.internal)));
  const zookeeper = d.families.findIndex((f) => f.id === "zookeeper");
  for (let i = 0; i < n; i++) {
    const sort = sortOf[e.kind[i]];
    run.sort[i] = sort;
    if (sort === NOTE && run.fold[i] === 0 && internal[e.parts[i]]) run.fold[i] = INTERNAL;
    run.sent[i] = run.at[i] - e.sent[i];
    if (sort > HELD) continue;
    if (e.reply[i] && run.family[i] !== zookeeper) run.trouble[i] = isTrouble[e.text[i]];
  }
  return run;
}

// newStates sorts what nodes know by node and key: lane → key → the events from which values hold.
/** @param {States} s @param {string[]} strings */
function newStates(s, strings) {
  /** @type {Run["states"]} */
  const lanes = new Map();
  let event = 0;
  for (let i = 0; i < s.n; i++) {
    event += s.event[i];
    let keys = lanes.get(s.lane[i]);
    if (!keys) lanes.set(s.lane[i], keys = new Map());
    const key = strings[s.key[i]];
    let line = keys.get(key);
    if (!line) keys.set(key, line = { events: [], values: [] });
    line.events.push(event);
    line.values.push(strings[s.value[i]]);
  }
  return lanes;
}

// stateAt is what a node knows after an event: rows of key, value, and what it was before that event.
/** @param {Run} run @param {number} lane @param {number} event */
export function stateAt(run, lane, event) {
  const rows = [];
  for (const [key, line] of run.states.get(lane) || []) {
    const i = above(line.events, event) - 1;
    if (i < 0) continue;
    const before = above(line.events, event - 1) - 1;
    const changed = before !== i;
    if (!line.values[i] && !changed) continue;
    rows.push({ key, value: line.values[i], changed, was: before >= 0 ? line.values[before] : "" });
  }
  return rows.sort((a, b) => a.key.localeCompare(b.key, "en", { numeric: true }));
}

// knows is one value of a node after an event, "" for none.
/** @param {Run} run @param {number} lane @param {string} key @param {number} event */
export function knows(run, lane, key, event) {
  const line = run.states.get(lane)?.get(key);
  if (!line) return "";
  const i = above(line.events, event) - 1;
  return i < 0 ? "" : line.values[i];
}

// isInternal is true for Kafka's own topics, their partitions, and what is known of them.
/** @param {Run} run @param {string} name */
export function isInternal(run, name) { return name.startsWith(run.d.internal); }
