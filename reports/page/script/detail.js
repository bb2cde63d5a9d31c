// @ts-check
// detail.js: what is known of the chosen event or node, and the tip under the pointer.

/** @import { Fact } from "./types" */

import { $, el, every, fill } from "./dom.js";
import { above } from "./columns.js";
import { FRAME, HELD, LOST, isInternal, stateAt } from "./data.js";
import { chain, describe, laneName } from "./words.js";
import { axis, clock, length } from "./axis.js";
import { halt, redraw, run, view } from "./state.js";
import { BUCKET, diagram, rowAt } from "./layout.js";
import { chosenAt } from "./arrows.js";
import { intoView } from "./window.js";
import { marked } from "./terms.js";

// showDetail fills the panel beside the diagram.
export function showDetail() {
  const panel = $("detail");
  panel.classList.toggle("open", view.picked && (view.event >= 0 || view.lane >= 0));
  const close = el("button", { type: "button", class: "small close", "aria-label": "Close", onclick: () => {
    view.event = view.lane = -1;
    selected();
    redraw();
  } }, "✕");
  if (view.event >= 0) fill(panel, close, ...eventDetail(view.event));
  else if (view.lane >= 0) fill(panel, close, ...nodeDetail(view.lane, eventBefore(view.t), view.t));
  else {
    fill(panel, el("h3", {}, "Look closer"), el("p", { class: "note" }, "Choose an arrow or a mark to see the " +
      "request, what the node knew then, and what led to it. Choose a node's name to watch what it knows."));
  }
}

// eventBefore is the last event up to a time.
/** @param {number} t */
export function eventBefore(t) { return above(run.at, t) - 1; }

/** @param {number} i */
function eventDetail(i) {
  const out = [], s = run.strings, sort = run.sort[i], lane = run.lane[i];
  if (sort <= HELD) {
    const version = run.version[i] >= 0 ? `, version ${run.version[i]}` : "";
    out.push(el("h3", {}, `${s[run.api[i]]}${version}: ${run.reply[i] ? "answer" : "request"}`));
    out.push(el("p", { class: "route" }, `${laneName(run, run.peer[i])} → ${laneName(run, lane)}`));
    if (s[run.text[i]]) out.push(el("p", { class: "fields" }, s[run.text[i]]));
    const rows = /** @type {[string, string][]} */ ([["sent", clock(run.sent[i])]]);
    if (sort === FRAME) rows.push(["arrived", clock(run.at[i])], ["on its way", length(run.at[i] - run.sent[i])]);
    else rows.push([sort === LOST ? "lost" : "held back", clock(run.at[i])]);
    if (run.corr[i]) rows.push(["correlation id", String(run.corr[i])]);
    rows.push(["connection", String(run.conn[i])], ["line of the trace", String(run.seq[i])]);
    out.push(facts(rows));
  } else {
    out.push(el("h3", {}, laneName(run, lane)), el("p", { class: "route" }, describe(run, i)));
    out.push(facts([["time", clock(run.at[i])], ["line of the trace", String(run.seq[i])]]));
  }
  if (lane >= 0) out.push(...nodeDetail(lane, i, run.at[i], true));
  out.push(...chainDetail(i));
  return out;
}

/** @param {[string, string][]} rows */
function facts(rows) {
  return el("table", { class: "facts" }, el("tbody", {}, ...rows.map(([k, v]) =>
    el("tr", {}, el("th", { scope: "row" }, k), el("td", { class: "num" }, v)))));
}

// nodeDetail is what a node knows after an event. What the event changed comes first and is marked.
/** @param {number} lane @param {number} event @param {number} t @param {boolean} [after] */
function nodeDetail(lane, event, t, after) {
  const id = laneName(run, lane), rows = stateAt(run, lane, event);
  const title = after ? `What ${id} knows then` : `What ${id} knows at ${clock(t)}`;
  /** @type {HTMLElement[]} */
  const out = [el("h4", {}, title)];
  const down = run.d.bands.find((b) => b.lane === lane && b.kind === "down" && b.from <= t && t < b.to);
  if (down) out.push(el("p", { class: "bad" }, "✗ It is down. What it held in memory is gone."));
  if (!rows.length) return [...out, el("p", { class: "note" }, "Nothing worth telling.")];
  rows.sort((a, b) => Number(b.changed) - Number(a.changed) || Number(isInternal(run, a.key)) - Number(isInternal(run, b.key)));
  const line = (/** @type {Fact} */ r) => el("tr", { class: r.changed ? "changed" : "" }, el("th", { scope: "row" }, ...marked(r.key)),
    el("td", {}, r.value || "no longer known", r.changed ? el("small", {}, r.was ? `changed, was ${r.was}` : "new") : ""));
  const near = rows.filter((r) => r.changed || !isInternal(run, r.key)), far = rows.filter((r) => !near.includes(r));
  const table = (/** @type {Fact[]} */ list) => el("table", { class: "facts state" }, el("tbody", {}, ...list.map(line)));
  const most = near.slice(0, 40);
  if (most.length) out.push(table(most));
  if (near.length > most.length) out.push(el("p", { class: "note" }, `and ${near.length - most.length} more`));
  if (far.length) {
    const more = el("details", {}, el("summary", {}, `${far.length} values of internal topics`));
    more.addEventListener("toggle", () => { if (more.open && more.children.length < 2) more.append(table(far)); });
    out.push(more);
  }
  return out;
}

const CHAIN_ROWS = 12;

// chainDetail is the way back from an event to its root.
/** @param {number} i */
function chainDetail(i) {
  const events = chain(run, i);
  const item = (/** @type {number} */ k) => el("li", {}, el("button", { type: "button", onclick: () => { choose(k); intoView(view.t); } },
    el("span", { class: "when" }, clock(run.at[k])), ` ${laneName(run, run.lane[k])} ${describe(run, k)}`));
  /** @type {HTMLElement[]} */
  const out = [el("h4", {}, "What led to it")];
  if (events.length === 1) return [...out, el("p", { class: "note" }, "Nothing in the cluster: this is a root.")];
  const shown = events.slice(1, CHAIN_ROWS + 1), left = events.length - 1 - shown.length;
  out.push(el("ol", { class: "chain" }, ...shown.map(item)));
  if (left > 1) {
    out.push(el("p", { class: "note" }, `${left - 1} more links, and at their end the root:`));
    out.push(el("ol", { class: "chain" }, item(events[events.length - 1])));
  } else if (left === 1) out.push(el("ol", { class: "chain" }, item(events[events.length - 1])));
  return out;
}

// choose selects an event and puts the cursor on it.
/** @param {number} i */
export function choose(i) {
  halt();
  view.event = i;
  view.lane = -1;
  view.picked = true;
  view.t = run.at[i];
  selected();
  redraw();
  $("live").textContent = `${clock(run.at[i])} ${laneName(run, run.lane[i])} ${describe(run, i)}`;
}

// selected marks the chain of the chosen event in the diagram.
export function selected() {
  diagram.path = new Set(view.event >= 0 ? chain(run, view.event).slice(0, 200) : []);
  showDetail();
  for (const b of every("#lanes button")) {
    b.setAttribute("aria-pressed", String(Number(b.dataset.lane) === view.lane));
  }
}

// showTip says what is under the pointer.
/** @param {number} x @param {number} y @param {number} pageX @param {number} pageY */
export function showTip(x, y, pageX, pageY) {
  const tip = $("tip");
  const chosen = chosenAt(x, y), veiled = run.veiled && axis.tOf(axis.atX(x)) >= run.veilFrom;
  const lines = veiled ? null : stopTip(chosen?.stop) || arrowTip(chosen) || (diagram.dense ? heapTip(x, y) : null);
  diagram.canvas.style.cursor = chosen && !veiled ? "pointer" : "grab";
  tip.hidden = !lines;
  if (!lines) return;
  fill(tip, ...lines.map((text, k) => el(k ? "span" : "b", {}, text)));
  const w = Math.min(380, window.innerWidth - 16);
  tip.style.maxWidth = `${w}px`;
  tip.style.left = `${Math.max(8, Math.min(pageX + 14, window.innerWidth - tip.offsetWidth - 8))}px`;
  const below = pageY + 18 + tip.offsetHeight < window.innerHeight;
  tip.style.top = `${below ? pageY + 18 : pageY - tip.offsetHeight - 12}px`;
}

/** @param {number | undefined} k */
function stopTip(k) {
  const stop = k === undefined ? null : run.stops[k];
  return stop && [`Step ${Number(k) + 1}`, `${stop.where} ${stop.what}`, clock(stop.when)];
}

/** @param {{ event: number } | null} chosen */
function arrowTip(chosen) {
  if (!chosen) return null;
  const i = chosen.event, s = run.strings;
  if (run.sort[i] > HELD) return [`${laneName(run, run.lane[i])} ${describe(run, i)}`, clock(run.at[i])];
  const version = run.version[i] >= 0 ? ` version ${run.version[i]}` : "";
  const fate = run.sort[i] === FRAME ? `on its way for ${length(run.at[i] - run.sent[i])}`
    : run.sort[i] === LOST ? "never arrives: lost" : "does not arrive: held back";
  return [`${s[run.api[i]]}${version}, ${run.reply[i] ? "answer" : "request"}`, s[run.text[i]],
    `${laneName(run, run.peer[i])} → ${laneName(run, run.lane[i])}, sent ${clock(run.sent[i])}, ${fate}`].filter(Boolean);
}

/** @param {number} x @param {number} y */
function heapTip(x, y) {
  const lane = rowAt(y)?.lane;
  const b = Math.floor((x - axis.left) / BUCKET);
  if (lane === undefined || b < 0 || b >= diagram.columns) return null;
  const from = axis.tOf(axis.atX(axis.left + b * BUCKET)), to = axis.tOf(axis.atX(axis.left + (b + 1) * BUCKET));
  const counts = run.families.map((f, k) =>
    [f.name, diagram.counts[(lane * diagram.columns + b) * run.families.length + k]]);
  const said = counts.filter(([, n]) => n).map(([name, n]) => `${name} ${n}`);
  if (!said.length) return null;
  return [`${laneName(run, lane)} gets: ${said.join(", ")}`, `within ${length(to - from)} from ${clock(from, 3)} on`,
    "Too many to tell apart here: zoom in."];
}
