// @ts-check

import { equal, near } from "./expect.js";
import { INK_NAMES, Labels } from "../canvas.js";
import { rowsOf } from "../layout.js";
import { bounds, valueAt } from "../stairs.js";
import { buildFlags, buildStops } from "../stops.js";
import { burstAround, nearestEvents } from "../window.js";
import { newRun } from "../data.js";

/** @type {(from: number, to: number) => import("../types").Band} */
const band = (from, to) => ({ from, to, kind: "network", lane: -1, label: "" });

test("bands that overlap have rows of their own, three at most", () => {
  const bands = [band(0, 10), band(5, 15), band(10, 20), band(11, 30), band(12, 30)];
  const { rows, count } = rowsOf(bands);
  equal([count, bands.map((b) => rows.get(b))], [3, [0, 1, 0, 2, 2]]);
});

test("labels do not lie on each other", () => {
  const labels = new Labels();
  equal([labels.free(0, 0, 50, 10), labels.free(40, 4, 50, 10), labels.free(50, 0, 50, 10), labels.free(0, 24, 50, 10)],
    [true, false, true, true]);
});

test("a line holds its value until the next, or as long as it lasts", () => {
  const line = { name: "", ink: "", thick: 1, dash: [], at: Float64Array.of(10, 20, 30), value: Float64Array.of(1, NaN, 5) };
  equal([valueAt(line, 19), valueAt(line, 31)], [1, 5]);
  equal([9, 25].map((t) => Number.isNaN(valueAt(line, t))), [true, true]);
  equal(Number.isNaN(valueAt({ ...line, until: 5 }, 16)), true);
  const [lo, hi] = bounds([line], 0, 40, true);
  equal([lo, hi > 5], [0, true]);
});

test("the walk asks before the deciding step and ends with the answer", () => {
  const run = newRun({ ...story, lesson: { ...story.lesson, question: "Who?", answer: "broker-3" } });
  buildStops(run);
  const kinds = run.stops.map((s) => s.ask ? "?" : s.answer ? "!" : ".").join("");
  equal([run.stops[run.ask].ask, kinds.indexOf("?") === run.ask, kinds.endsWith("!")], [true, true, true]);
  equal(run.stops[run.ask + 1].when >= run.veilFrom, true, "what decides is hidden");
  equal(run.stops.slice(0, run.ask).every((s) => s.when < run.veilFrom), true, "what comes before is not");
  buildFlags(run);
  equal(run.flags.map((f) => f.label), ["broker-3 leads orders-0"]);
});

test("a burst is what follows within two milliseconds", () => {
  const at = [0, 100e3, 101e3, 102.5e3, 300e3];
  equal(burstAround(at, 101e3), { from: 100e3, to: 102.5e3, times: 3 });
  near(nearestEvents(at, 101e3, 2), 1500);
});

test("the style sheet has every ink", () => {
  equal(INK_NAMES.filter((name) => !inks.includes(name)), []);
});
