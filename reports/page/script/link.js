// @ts-check
// link.js: the part of the address behind # reopens the page at a moment.

import { $, field } from "./dom.js";
import { above } from "./columns.js";
import { laneName } from "./words.js";
import { axis } from "./axis.js";
import { redraw, run, showTab, view } from "./state.js";
import { aroundStop } from "./window.js";
import { selected } from "./detail.js";
import { sayStop } from "./steps.js";

// linkOf names what is shown now: tab, time, window, event, node.
export function linkOf() {
  const p = new URLSearchParams(), [t0, t1] = axis.span();
  p.set("tab", view.tab);
  p.set("t", String(Math.round(view.t)));
  p.set("from", String(Math.round(t0)));
  p.set("to", String(Math.round(t1)));
  if (axis.even) p.set("spacing", "even");
  if (view.event >= 0) p.set("seq", String(run.seq[view.event]));
  if (view.lane >= 0) p.set("node", laneName(run, view.lane));
  return "#" + p.toString();
}

// openLink shows what a fragment names; it is false for one that names nothing.
/** @param {string} hash */
export function openLink(hash) {
  const text = hash.replace(/^#/, "");
  if (!text) return false;
  if ($(`tab-${text}`)) { showTab(text); return true; }
  const p = new URLSearchParams(text), number = (/** @type {string} */ name) => p.has(name) ? Number(p.get(name)) : NaN;
  if (!p.has("tab") && !p.has("t") && !p.has("seq")) return false;
  axis.even = p.get("spacing") === "even";
  field("even").checked = axis.even;
  const t = number("t"), from = number("from"), to = number("to"), seq = number("seq");
  if (Number.isFinite(t)) view.t = Math.max(0, Math.min(run.end, t));
  view.event = -1;
  if (Number.isFinite(seq)) {
    const k = above(run.seq, seq) - 1;
    if (k >= 0 && run.seq[k] === seq) {
      view.event = k;
      if (!Number.isFinite(t)) view.t = run.at[k];
    }
  }
  view.lane = run.lanes.findIndex((l) => l.id === p.get("node"));
  if (from < to) axis.show(run, axis.uOf(from), axis.uOf(to));
  else aroundStop({ when: view.t, event: view.event });
  run.stop = run.stops.findLastIndex((s) => s.at !== undefined && s.at <= view.t);
  run.veiled = false;
  sayStop();
  const tab = p.get("tab") || "story";
  showTab($(`tab-${tab}`) ? tab : "story");
  selected();
  redraw();
  return true;
}

let noting = 0;

// noteLink keeps the address at what is shown, at most a few times a second.
export function noteLink() {
  clearTimeout(noting);
  noting = setTimeout(() => {
    if (run.veiled) return;
    try { history.replaceState(null, "", linkOf()); } catch { /* some browsers refuse this for files */ }
  }, 300);
}
