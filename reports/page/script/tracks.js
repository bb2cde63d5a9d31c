// @ts-check
// tracks.js: what stands below the diagram, on its time axis: offsets, leaders, owners, rates.

/** @import { Data, Leaders, Leadership, Line, Look, Owners, Run, Span, Track } from "./types" */

import { $, el } from "./dom.js";
import { undelta } from "./columns.js";
import { isInternal } from "./data.js";
import { length } from "./axis.js";
import { redraw } from "./state.js";
import { stairsTrack } from "./stairs.js";
import { spansTrack } from "./spans.js";
import { marked } from "./terms.js";

/** @type {Track[]} */
export const tracks = []; // each draws itself and says what it shows at the cursor

// buildTracks makes the tracks that this run has something for.
/** @param {Run} run */
export function buildTracks(run) {
  const d = run.d;
  if (d.offsets?.length) addOffsets(run);
  const led = (d.leaders || []).filter((l) => !isInternal(run, l.partition));
  if (led.length) addLeaders(run, led);
  if (d.owners?.length) addOwners(run, d.owners);
  addRates(run);
  if (d.lag?.length) addLag(run);
}

// lookOf is how a node looks, here as in the figures.
/** @param {Run} run @param {string} id @returns {Look} */
export function lookOf(run, id) {
  const lane = run.lanes.find((l) => l.id === id);
  return { ink: lane?.ink || "grey", round: lane?.round || 0 };
}

// addTrack puts a track into the page, below a heading with its legend.
/** @param {string} id @param {string} title @param {string} about @param {Track} track @param {Node | string} [chooser] */
function addTrack(id, title, about, track, chooser = "") {
  const head = el("div", { class: "head" }, el("h3", {}, title), chooser, track.legend);
  const section = el("section", { class: "track", id: `track-${id}`, "aria-label": title }, head,
    track.canvas, el("p", { class: "about" }, ...marked(about)));
  $("tracks").append(section);
  tracks.push(track);
}

/** @type {Record<string, string>} */
const WHATS = {
  "log-end": "log end", "high-watermark": "high watermark", "last-stable": "last stable offset",
  "log-start": "log start", committed: "committed",
};

// The dashes of what a group has committed, by the round of its look.
const COMMITTED = [[9, 3, 2, 3], [4, 3], [2, 2]];

// offsetLines are the lines of a partition: every broker's log end, the first the widest, so that those
// which agree can all be seen; their high watermarks, whose dots stand between each other's; and what
// groups have committed, numbered where there are several.
/** @param {Run} run @param {Data["offsets"][0]} o @returns {Line[]} */
export function offsetLines(run, o) {
  const drawn = o.lines.filter((l) => l.at.length);
  const ends = drawn.filter((l) => l.what === "log-end").length, inside = Math.min(1.95, 9 / Math.max(1, ends - 1));
  const of = (/** @type {string} */ what) => drawn.filter((l) => l.what === what);
  return drawn.map((l) => {
    const k = of(l.what).indexOf(l), n = of(l.what).length, group = run.d.groups.find((g) => g.name === l.group);
    const look = group || lookOf(run, l.node);
    const base = { name: `${l.group ? `group ${l.group}` : l.node || l.name} ${WHATS[l.what] || l.what}`, ink: look.ink,
      at: undelta(l.at), value: undelta(l.value), behind: Boolean(l.group), dash: /** @type {number[]} */ ([]), thick: 2 };
    switch (l.what) {
      case "log-end": return { ...base, thick: 1.6 + (ends - 1 - k) * inside, dash: look.round ? [12, 3] : [] };
      case "high-watermark": return { ...base, dash: [3, 6 * n - 3], phase: -6 * k, thick: 2.4 };
      case "last-stable": return { ...base, dash: [10, 4] };
      case "log-start": return { ...base, dash: [1, 6] };
      default: return { ...base, dash: COMMITTED[look.round % 3], mark: group?.mark };
    }
  });
}

/** @param {Run} run */
function addOffsets(run) {
  const d = run.d, all = d.offsets;
  const first = Math.max(0, all.findIndex((o) => !isInternal(run, o.partition)));
  const made = new Map();
  const linesOf = (/** @type {number} */ k) => {
    if (!made.has(k)) made.set(k, offsetLines(run, all[k]));
    return made.get(k);
  };
  /** @type {HTMLElement | string} */
  let chooser = "";
  const track = stairsTrack(linesOf(first), (v) => String(Math.round(v)), 170, { whole: true });
  if (all.length > 1) {
    const select = el("select", { id: "offsets-of", "aria-label": "Offsets of which partition" },
      ...all.map((o, k) => el("option", { value: String(k) }, o.partition)));
    select.value = String(first);
    select.addEventListener("change", () => {
      track.lines = linesOf(Number(select.value));
      run.main = all[Number(select.value)].partition;
      track.legendOf();
      redraw();
    });
    chooser = select;
  }
  const title = all.length > 1 ? "Offsets of" : `Offsets of ${all[first].partition}`;
  const numbers = d.groups.length > 1 ? " A number on a line is that of its group." : "";
  addTrack("offsets", title, "A log end is one past the last record that a broker has. Consumers see records " +
    "below the high watermark only: that far, every in-sync replica has the records. Lines that lie on each " +
    "other differ in width; a line that stops belongs to a broker that is down." + numbers, track, chooser);
  track.legendOf();
}

// leaderRows are the rows of a partition: who leads it, who leads on and does not know of the next, and
// who is in sync.
/** @param {Run} run @param {Leaders} l */
export function leaderRows(run, l) {
  const broker = (/** @type {number} */ id) => `broker-${id}`;
  const span = (/** @type {Leadership} */ s) => ({ from: s.from, to: s.to, inks: [lookOf(run, broker(s.leader)).ink] });
  /** @type {(s: Leadership) => Span} */
  const led = (s) => {
    if (s.leader < 0) return { ...span(s), inks: [], hatched: true, text: "nobody leads" };
    if (s.dead) return { ...span(s), inks: [], hatched: true, text: `nobody: ${broker(s.leader)} is dead` };
    return { ...span(s), text: `${broker(s.leader)}, epoch ${s.epoch}` };
  };
  const rows = [{ name: l.partition + " led by", spans: l.spans.map(led) }];
  if (l.stale.length) {
    rows.push({ name: "leads on", spans: l.stale.map((s) =>
      ({ ...span(s), hatched: true, text: `${broker(s.leader)}, epoch ${s.epoch}, has not heard` })) });
  }
  const isr = l.isr || [];
  if (isr.length) {
    rows.push({ name: "in sync", spans: isr.map((s, k) => ({
      from: s.at, to: k + 1 < isr.length ? isr[k + 1].at : run.end, inks: s.isr.map((id) => lookOf(run, broker(id)).ink),
      text: s.isr.length ? `${s.isr.length}: broker ${s.isr.join(", ")}` : "nobody", hatched: !s.isr.length,
    })) });
  }
  return rows;
}

const LEADER_PARTITIONS = 12; // at most

/** @param {Run} run @param {Leaders[]} led */
function addLeaders(run, led) {
  const rows = led.slice(0, LEADER_PARTITIONS).flatMap((l) => leaderRows(run, l)), left = led.length - LEADER_PARTITIONS;
  const stale = led.some((l) => l.stale.length) ? " Coloured and hatched: a broker leads on that has not heard of the " +
    "next leader." : "";
  addTrack("leaders", "Leaders and in-sync replicas", "Who leads each partition, in which leader epoch, and which " +
    "replicas the cluster counts as in sync (the ISR): only those may be elected, and acks=all waits for all of " +
    "them. Grey and hatched: the leader is dead and no other is elected yet, or there is none; nothing can be " +
    "written or read." + stale + (left > 0 ? ` ${left} further partitions are not drawn.` : ""),
  spansTrack(rows, "nobody"));
}

/** @param {Run} run @param {Owners[]} groups */
function addOwners(run, groups) {
  const rows = groups.flatMap((g) => {
    const names = [...new Set(g.spans.map((s) => s.partition))].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    return names.map((name) => ({
      name: (groups.length > 1 ? `${g.group}: ` : "") + (name || "owns nothing"),
      spans: g.spans.filter((s) => s.partition === name).map((s) => {
        const look = lookOf(run, s.member);
        return { from: s.from, to: s.to, hatched: Boolean(s.dead), inks: s.dead ? [] : [look.ink], striped: look.round > 0,
          text: s.dead ? `nobody: ${s.member} is dead` : s.member };
      }),
    }));
  });
  const title = groups.length > 1 ? "Owners in the groups" : `Owners in group ${groups[0].group}`;
  addTrack("owners", title, "Which member of the group reads which partition. A blank stretch means that nobody " +
    "reads it. Grey and hatched: the owner is dead, and the group does not know yet.", spansTrack(rows, "nobody"));
}

/** @type {Record<string, { name: string, ink: string, thick: number, dash: number[] }>} */
const RATES = {
  acked: { name: "acknowledged", ink: "blue", thick: 2.6, dash: [] },
  read: { name: "read", ink: "purple", thick: 1.8, dash: [7, 3] },
  failed: { name: "failed", ink: "vermillion", thick: 2, dash: [2, 3] },
  unknown: { name: "outcome unknown", ink: "orange", thick: 2, dash: [4, 4] },
};

/** @param {Run} run */
function addRates(run) {
  const d = run.d, every = d.rates?.every;
  const lines = (d.rates?.lines || []).filter((l) => l.counts.length).map((l) => {
    const look = RATES[l.what] || { name: l.name, ink: "grey", thick: 1.5, dash: [] };
    return { ...look, at: Float64Array.from(l.counts, (_, k) => k * every),
      value: Float64Array.from(l.counts, (v) => v * 1e6 / every) };
  });
  if (lines.length) {
    const track = stairsTrack(lines, (v) => `${v < 10 ? Number(v.toFixed(1)) : Math.round(v)}/s`, 110, { zero: true });
    addTrack("rates", "Throughput", `Records a second, counted over ${length(every)}. A send counts when its outcome ` +
      "is known, a read when a poll returns it.", track);
    track.legendOf();
  }
  const slow = [];
  for (const l of d.latency?.lines || []) {
    if (!l.at.length) continue;
    const at = undelta(l.at), until = d.latency.every;
    slow.push({ name: "p99", ink: "vermillion", thick: 1.8, dash: [6, 3], at, until, value: Float64Array.from(l.p99) });
    slow.push({ name: "p50", ink: "blue", thick: 2.6, dash: [], at, until, value: Float64Array.from(l.p50) });
  }
  if (!slow.length) return;
  const track = stairsTrack(slow, length, 110, { zero: true });
  addTrack("latency", "How long acknowledgements take", "From a send to its acknowledgement. Half of the sends take p50 " +
    "at most, 99 of 100 take p99 at most. A gap: nothing was acknowledged.", track);
  track.legendOf();
}

const LAG_LINES = 12; // at most

// lagLines are the lines of how far groups are behind, numbered where there are several: they often lie
// on each other.
/** @param {Run} run @returns {Line[]} */
export function lagLines(run) {
  const inks = run.d.inks, many = run.d.lag.length > 1;
  return run.d.lag.slice(0, LAG_LINES).map((l, k) => ({
    name: `${l.group}, ${l.partition}`, ink: inks[k % inks.length], thick: many ? [3.4, 2.4, 1.6][k % 3] : 2.6,
    dash: k < inks.length ? [] : [6, 3], mark: many ? String(k + 1) : undefined, at: undelta(l.at), value: undelta(l.value),
  })).filter((l) => l.at.length);
}

/** @param {Run} run */
function addLag(run) {
  const lines = lagLines(run), left = run.d.lag.length - LAG_LINES;
  if (!lines.length) return;
  const track = stairsTrack(lines, (v) => String(Math.round(v)), 110, { zero: true, whole: true });
  addTrack("lag", "Lag of the groups", "How many records a group has not committed yet in each partition: the high " +
    "watermark less the committed offset. Lag is a number for each partition; a sum hides the one that is stuck." +
    (lines.length > 1 ? " A number on a line is the one that it has above." : "") +
    (left > 0 ? ` ${left} further lines are not drawn.` : ""), track);
  track.legendOf();
}
