// @ts-check

import { equal, near } from "./expect.js";
import { axis, clock, length, roundStep, ticks } from "../axis.js";
import { filter, inWindow, shownEvents } from "../filter.js";
import { newRun } from "../data.js";

test("times and lengths are written as people read them", () => {
  equal(clock(12003740), "12.003740 s");
  equal(clock(12003740, 3), "12.004 s");
  equal([12, 999, 1500, 999499, 1e6, 4.25e6].map(length), ["12 µs", "999 µs", "1.5 ms", "999 ms", "1 s", "4.25 s"]);
  equal([0.3, 1, 3, 7, 40].map(roundStep), [0.5, 1, 5, 10, 50]);
});

test("a place on the axis is a time, and back, in both spacings", () => {
  const run = newRun(story);
  axis.shown = shownEvents(run);
  axis.left = 100;
  axis.width = 800;
  for (const even of [false, true]) {
    axis.even = even;
    axis.show(run, ...axis.full(run));
    for (const t of [0, 4e6, 5.2e6, run.end / 2]) near(axis.tOf(axis.uOf(t)), t);
    near(axis.atX(axis.x(axis.u0)), axis.u0);
    const places = ticks().map((tick) => tick.x);
    equal(places.length > 3, true);
    equal(places.every((x, k) => x >= 99 && x <= 901 && (k === 0 || x > places[k - 1])), true);
  }
  axis.even = false;
});

test("the window stays inside the run and never gets too narrow", () => {
  const run = newRun(story);
  axis.show(run, -5e6, 1e6);
  equal([axis.u0, axis.u1], [0, 6e6]);
  axis.show(run, run.end - 1, run.end + 1);
  equal([axis.u0, axis.u1], [run.end - axis.least(), run.end]);
});

test("the filter hides nodes, APIs and what is folded", () => {
  const run = newRun(story), all = run.n;
  filter.folds.fill(true);
  equal(shownEvents(run).events.length, all);
  filter.apis.add("Produce");
  const without = shownEvents(run);
  equal(Array.from(without.events).some((i) => run.strings[run.api[i]] === "Produce"), false);
  equal(Array.from(without.events).every((i, k) => without.rank[i] === k), true);
  filter.apis.clear();
  const broker = run.lanes.findIndex((l) => l.id === "broker-3");
  filter.lanes.add(broker);
  equal(Array.from(shownEvents(run).events).some((i) => run.lane[i] === broker || run.peer[i] === broker), false);
  filter.lanes.clear();
  axis.shown = shownEvents(run);
  axis.show(run, 4e6, 5e6);
  const [lo, hi] = inWindow();
  equal([run.at[lo] >= 4e6, run.at[lo - 1] < 4e6, hi > lo], [true, true, true]);
});
