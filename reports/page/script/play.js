// @ts-check
// play.js: moves the cursor through the window, and the window with it.

import { $, field } from "./dom.js";
import { axis } from "./axis.js";
import { halt, playing, redraw, run, view } from "./state.js";
import { goEvent, goStop, sayStop } from "./steps.js";

const PLAY_SECONDS = 12; // to cross the window at speed 1

export function play() {
  if (playing.on) { halt(); return; }
  playing.on = true;
  playing.last = 0;
  $("play").textContent = "❚❚ Pause";
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  requestAnimationFrame(function tick(now) {
    if (!playing.on) return;
    const passed = playing.last ? now - playing.last : 0, speed = Number(field("speed").value);
    if (calm && passed < 1000 / speed && playing.last) { requestAnimationFrame(tick); return; }
    playing.last = now;
    if (calm) goEvent(1); else advance(passed / 1000 * speed);
    const limit = run.veiled ? run.veilFrom - 1 : run.end;
    if (view.t >= limit) { halt(); if (run.veiled) goStop(run.ask); return; }
    requestAnimationFrame(tick);
  });
}

/** @param {number} seconds */
function advance(seconds) {
  const w = axis.u1 - axis.u0, u = axis.uOf(view.t) + w / PLAY_SECONDS * seconds;
  const limit = run.veiled ? run.veilFrom - 1 : run.end;
  view.t = Math.min(limit, axis.tOf(u));
  if (u > axis.u1 - w * 0.25 || u < axis.u0) axis.show(run, u - w * 0.75, u + w * 0.25);
  const k = run.stops.findLastIndex((s) => s.at !== undefined && s.at <= view.t);
  if (k !== run.stop && k >= 0) {
    run.stop = k;
    sayStop();
  }
  view.event = -1;
  redraw();
}
