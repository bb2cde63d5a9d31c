// @ts-check
// tracks.js: what stands below the diagram, on its time axis: offsets, leaders, owners, rates.

/** @import { Data, InkOf, Leaders, Line, Owners, Run, Track } from "./types" */

import { $, el } from "./dom.js";
import { LINES } from "./canvas.js";
import { undelta } from "./columns.js";
import { isInternal } from "./data.js";
import { length } from "./axis.js";
import { redraw } from "./state.js";
import { stairsTrack } from "./stairs.js";
import { spansTrack } from "./spans.js";

/** @type {Track[]} */
export const tracks = []; // each draws itself and says what it shows at the cursor

// buildTracks makes the tracks that this run has something for.
/** @param {Run} run */
export function buildTracks(run) {
  const d = run.d, brokers = run.lanes.filter((l) => l.role === "broker").map((l) => l.id);
  /** @type {InkOf} */
  const inkOf = (list, name) => LINES[Math.max(0, list.indexOf(name)) % LINES.length];
  if (d.offsets?.length) addOffsets(run, brokers, inkOf);
  const led = (d.leaders || []).filter((l) => !isInternal(run, l.partition));
  if (led.length) addLeaders(run, led, brokers, inkOf);
  for (const g of d.owners || []) addOwners(g, inkOf);
  addRates(run);
  if (d.lag?.length) addLag(run, inkOf);
}

// addTrack puts a track into the page, below a heading with its legend.
/** @param {string} id @param {string} title @param {string} about @param {Track} track @param {Node | string} [chooser] */
function addTrack(id, title, about, track, chooser = "") {
  const head = el("div", { class: "head" }, el("h3", {}, title), chooser, track.legend);
  const section = el("section", { class: "track", id: `track-${id}`, "aria-label": title }, head,
    track.canvas, el("p", { class: "about" }, about));
  $("tracks").append(section);
  tracks.push(track);
}

/** @type {Record<string, string>} */
const WHATS = {
  "log-end": "log end", "high-watermark": "high watermark", "last-stable": "last stable offset",
  "log-start": "log start", committed: "committed",
};

/** @type {Record<string, { dash: number[], thick: number }>} */
const LOOKS = {
  "high-watermark": { dash: [2, 4], thick: 2.4 }, "last-stable": { dash: [10, 4], thick: 2 },
  "log-start": { dash: [1, 6], thick: 2 }, committed: { dash: [9, 3, 2, 3], thick: 2 },
};

/** @param {Run} run @param {string[]} brokers @param {InkOf} inkOf */
function addOffsets(run, brokers, inkOf) {
  const d = run.d, all = d.offsets;
  const first = Math.max(0, all.findIndex((o) => !isInternal(run, o.partition)));
  /** @type {(o: Data["offsets"][0]) => Line[]} */
  const make = (o) => {
    let end = 0;
    return o.lines.filter((l) => l.at.length).map((l) => {
      const look = LOOKS[l.what] || { dash: [], thick: [5.5, 3.4, 1.6, 1.2][Math.min(end++, 3)] };
      const who = l.group ? `group ${l.group}` : l.node || l.name;
      return {
        name: `${who} ${WHATS[l.what] || l.what}`, ink: l.group ? "purple" : inkOf(brokers, who),
        at: undelta(l.at), value: undelta(l.value), behind: Boolean(l.group), ...look,
      };
    });
  };
  const made = new Map();
  const linesOf = (/** @type {number} */ k) => {
    if (!made.has(k)) made.set(k, make(all[k]));
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
  addTrack("offsets", title, "A log end is one past the last record that a broker has. Consumers see records " +
    "below the high watermark only: that far, every in-sync replica has the records. Lines that lie on each " +
    "other differ in width; a line that stops belongs to a broker that is down.", track, chooser);
  track.legendOf();
}

/** @param {Run} run @param {Leaders[]} led @param {string[]} brokers @param {InkOf} inkOf */
function addLeaders(run, led, brokers, inkOf) {
  const rows = [];
  for (const l of led.slice(0, 12)) {
    rows.push({ name: l.partition + " led by", spans: l.spans.map((s) => ({
      from: s.from, to: s.to, ink: s.leader < 0 ? "" : inkOf(brokers, `broker-${s.leader}`),
      text: s.leader < 0 ? "no leader" : `broker-${s.leader}, epoch ${s.epoch}`,
    })) });
    const isr = l.isr || [];
    if (isr.length) {
      rows.push({ name: "in sync", spans: isr.map((s, k) => ({
        from: s.at, to: k + 1 < isr.length ? isr[k + 1].at : run.end, ink: s.isr.length > 1 ? "sky" : "orange",
        text: s.isr.length ? `${s.isr.length}: broker ${s.isr.join(", ")}` : "nobody",
      })) });
    }
  }
  const track = spansTrack(rows, "nobody");
  addTrack("leaders", "Leaders and in-sync replicas", "Who leads each partition, in which leader epoch, and which " +
    "replicas the cluster counts as in sync (the ISR): only those may be elected, and acks=all waits for all of " +
    "them. Hatched: no leader, nothing can be written or read.", track);
}

/** @param {Owners} g @param {InkOf} inkOf */
function addOwners(g, inkOf) {
  const names = [...new Set(g.spans.map((s) => s.partition))].sort();
  const rows = names.map((name) => ({
    name: name || "owns nothing",
    spans: g.spans.filter((s) => s.partition === name).map((s) => ({
      from: s.from, to: s.to, dead: s.dead, ink: inkOf(g.members, s.member), text: s.dead ? `${s.member} (dead)` : s.member,
    })),
  }));
  const track = spansTrack(rows, "nobody");
  addTrack(`owners-${tracks.length}`, `Owners in group ${g.group}`, "Which member of the group reads which partition. " +
    "A blank stretch means that nobody reads it. Hatched: the owner is dead, and the group does not know yet.", track);
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

/** @param {Run} run @param {InkOf} inkOf */
function addLag(run, inkOf) {
  const names = run.d.lag.map((l) => `${l.group} ${l.partition}`);
  const lines = run.d.lag.slice(0, 8).map((l, k) => ({
    name: `${l.group}, ${l.partition}`, ink: inkOf(names, names[k]), thick: [3.4, 2.4, 1.6][k % 3],
    dash: k < 6 ? [] : [4, 3], at: undelta(l.at), value: undelta(l.value),
  })).filter((l) => l.at.length);
  if (!lines.length) return;
  const track = stairsTrack(lines, (v) => String(Math.round(v)), 110, { zero: true, whole: true });
  addTrack("lag", "Lag of the groups", "How many records a group has not committed yet in each partition: the high " +
    "watermark less the committed offset. Lag is a number for each partition; a sum hides the one that is stuck.", track);
  track.legendOf();
}
