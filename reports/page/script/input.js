// @ts-check
// input.js: what keys, pointers and buttons do.

import { $, every, field } from "./dom.js";
import { axis } from "./axis.js";
import { redraw, run, view } from "./state.js";
import { filter, shownEvents } from "./filter.js";
import { diagram } from "./layout.js";
import { chosenAt } from "./arrows.js";
import { choose, selected, showTip } from "./detail.js";
import { goEvent, goStop, sayStop, scrub, unveil } from "./steps.js";
import { play } from "./play.js";
import { kept } from "./tabs.js";

// zoom makes the window narrower or wider around a place.
/** @param {number} factor @param {number} [x] */
function zoom(factor, x = axis.xOf(view.t)) {
  const inside = x >= axis.left && x <= axis.left + axis.width;
  const u = inside ? axis.atX(x) : (axis.u0 + axis.u1) / 2;
  axis.show(run, u - (u - axis.u0) * factor, u + (axis.u1 - u) * factor);
  redraw();
}

/** @param {number} part */
function pan(part) {
  const by = (axis.u1 - axis.u0) * part;
  axis.show(run, axis.u0 + by, axis.u1 + by);
  redraw();
}

// refilter shows what the filter lets pass, around the same time.
/** @param {boolean} [changed] */
export function refilter(changed = true) {
  const [t0, t1] = axis.span();
  filter.changes++;
  if (changed) axis.shown = shownEvents(run);
  axis.show(run, axis.uOf(t0), axis.uOf(t1));
  const n = axis.shown.events.length;
  $("count").textContent = `${n.toLocaleString("en")} of ${run.n.toLocaleString("en")} events shown.`;
  redraw();
}

export function listenPointer() {
  const canvas = diagram.canvas, points = new Map();
  let from = { x: 0, u0: 0, u1: 0, axis: false }, moved = false, spread = 0;
  const at = (/** @type {MouseEvent} */ e) => { const b = canvas.getBoundingClientRect(); return [e.clientX - b.left, e.clientY - b.top]; };
  canvas.addEventListener("pointerdown", (e) => {
    points.set(e.pointerId, e.clientX);
    canvas.setPointerCapture(e.pointerId);
    from = { x: e.clientX, u0: axis.u0, u1: axis.u1, axis: at(e)[1] < 42 };
    moved = false;
    spread = 0;
  });
  canvas.addEventListener("pointermove", (e) => {
    const [x, y] = at(e);
    if (!points.has(e.pointerId)) { showTip(x, y, e.clientX, e.clientY); return; }
    points.set(e.pointerId, e.clientX);
    $("tip").hidden = true;
    if (points.size === 2) {
      const [a, b] = [...points.values()], wide = Math.max(20, Math.abs(a - b));
      if (spread) zoom(spread / wide, (a + b) / 2 - canvas.getBoundingClientRect().left);
      spread = wide;
      moved = true;
      return;
    }
    if (Math.abs(e.clientX - from.x) > 4) moved = true;
    if (!moved) return;
    if (from.axis) { scrub(axis.tOf(axis.atX(x)), false); return; }
    const by = (from.x - e.clientX) / axis.width * (from.u1 - from.u0);
    axis.show(run, from.u0 + by, from.u1 + by);
    redraw();
  });
  const up = (/** @type {PointerEvent} */ e) => {
    points.delete(e.pointerId);
    if (moved || e.type !== "pointerup") return;
    const [x, y] = at(e), chosen = chosenAt(x, y);
    if (run.veiled && axis.tOf(axis.atX(x)) >= run.veilFrom) return;
    if (chosen?.stop !== undefined) goStop(chosen.stop);
    else if (chosen) choose(chosen.event);
    else scrub(axis.tOf(axis.atX(x)), false);
  };
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  canvas.addEventListener("pointerleave", () => { $("tip").hidden = true; });
  canvas.addEventListener("dblclick", (e) => zoom(0.25, at(e)[0]));
  canvas.addEventListener("wheel", (e) => {
    if (e.ctrlKey || e.metaKey) zoom(Math.exp(e.deltaY * 0.004), at(e)[0]);
    else if (e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY)) pan((e.deltaX || e.deltaY) / axis.width);
    else return;
    e.preventDefault();
  }, { passive: false });
}

/** @type {Record<string, () => void>} */
const KEYS = {
  " ": () => goStop(run.stop + 1), ArrowRight: () => goStop(run.stop + 1), PageDown: () => goStop(run.stop + 1),
  ".": () => goStop(run.stop + 1), ArrowLeft: () => goStop(run.stop - 1), PageUp: () => goStop(run.stop - 1),
  Home: () => goStop(0), End: () => goStop(run.stops.length - 1), p: play, "]": () => goEvent(1),
  "[": () => goEvent(-1), "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2),
  Escape: () => { view.event = view.lane = -1; selected(); redraw(); }, 0: () => showEverything(), a: () => pan(-0.3), d: () => pan(0.3), r: () => reveal(),
};

export function listenKeys() {
  document.addEventListener("keydown", (e) => {
    const target = /** @type {Element} */ (e.target);
    const typing = target.closest("input, select, textarea, [role=tab]");
    const pressing = target.closest("button, summary, a") && (e.key === " " || e.key === "Enter");
    if (view.tab !== "story" || typing || pressing || e.ctrlKey || e.altKey || e.metaKey) return;
    const act = KEYS[e.key];
    if (!act) return;
    e.preventDefault();
    act();
  });
}

function showEverything() {
  const [lo, hi] = axis.full(run);
  axis.show(run, lo, hi);
  redraw();
}

// reveal shows the deciding moment and what follows.
function reveal() {
  if (run.veiled) goStop(run.ask + 1);
}

// openAll is for a reader who wants no game.
function openAll() {
  unveil();
  sayStop();
  if (run.stop < 0) showEverything();
}

export function listenButtons() {
  /** @type {(id: string, act: () => void) => void} */
  const on = (id, act) => $(id).addEventListener("click", act);
  on("prev", () => goStop(run.stop - 1));
  on("next", () => goStop(run.stop + 1));
  on("end", () => goStop(run.stops.length - 1));
  on("play", play);
  on("event-back", () => goEvent(-1));
  on("event-on", () => goEvent(1));
  on("zoom-in", () => zoom(0.4));
  on("zoom-out", () => zoom(2.5));
  on("whole", showEverything);
  on("reveal", reveal);
  on("open-all", openAll);
  for (const b of every(".unveil")) b.addEventListener("click", openAll);
  for (const b of every("[data-opens]")) {
    b.addEventListener("click", () => {
      const panel = $(b.dataset.opens || "");
      panel.hidden = !panel.hidden;
      b.setAttribute("aria-expanded", String(!panel.hidden));
    });
  }
  on("more", () => {
    const open = $("tools").classList.toggle("open");
    $("more").setAttribute("aria-expanded", String(open));
    $("more").textContent = open ? "Less" : "More";
  });
  $("even").addEventListener("change", () => {
    const [t0, t1] = axis.span();
    axis.even = field("even").checked;
    if (axis.even && t1 - t0 < run.end * 0.9) {
      const u = axis.uOf(view.t);
      axis.show(run, u - 9, u + 22);
    } else axis.show(run, axis.uOf(t0), axis.uOf(t1));
    redraw();
  });
  $("scrub").addEventListener("input", () => scrub(Number(field("scrub").value), true));
  $("always").addEventListener("change", () => kept("veil", field("always").checked ? "never" : ""));
}
