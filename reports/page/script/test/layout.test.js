// @ts-check

import { equal } from "./expect.js";
import { axis } from "../axis.js";
import { chosenAt } from "../arrows.js";
import { newRun } from "../data.js";
import { shownEvents } from "../filter.js";
import { diagram, foldedLanes, layDiagram, rowAt } from "../layout.js";
import { eventAt } from "../stops.js";
import { view } from "../state.js";

// laid is the run with its lanes laid out, of which the window shows the times up to until.
/** @param {number} until */
function laid(until) {
  const run = newRun(story);
  axis.even = false;
  axis.shown = shownEvents(run);
  axis.show(run, 0, until);
  layDiagram(run, 1000);
  return run;
}

test("brokers come first and helpers last", () => {
  const run = laid(story.run.end);
  equal(diagram.lanes.map((l) => run.lanes[l].id),
    ["broker-1", "broker-2", "broker-3", "producer-p1", "consumer-1", "zookeeper-1"]);
  equal(diagram.rows.every((r, k) => k === 0 || r.top === diagram.rows[k - 1].top + diagram.rows[k - 1].height), true);
  equal(rowAt(diagram.rows[2].top + 1)?.lane, diagram.lanes[2]);
});

test("helpers and clients with nothing to do yet are folded until they are chosen", () => {
  const run = laid(500e3), id = (/** @type {number} */ l) => run.lanes[l].id;
  const folded = () => [...foldedLanes(run)].map(id).sort();
  equal(folded(), ["consumer-1", "producer-p1", "zookeeper-1"]);
  view.lane = run.lanes.findIndex((l) => l.id === "zookeeper-1");
  equal(folded(), ["consumer-1", "producer-p1"]);
  view.lane = -1;
  axis.show(run, 0, 2e6);
  equal(folded(), ["zookeeper-1"], "the clients have begun");
  view.event = run.lane.indexOf(run.lanes.findIndex((l) => l.id === "zookeeper-1"));
  equal(folded(), []);
  view.event = -1;
});

test("what is written beside an arrow, or above, is chosen by a click", () => {
  const run = laid(story.run.end);
  diagram.hits = [{ i: 7, mark: true, x0: 300, y0: 300, x1: 300, y1: 300 }];
  diagram.places = [{ x: 310, y: 240, w: 60, h: 14, event: 9 }, { x: 600, y: 20, w: 20, h: 20, event: -1, stop: 3 },
    { x: 10, y: 10, w: 30, h: 14, event: -1 }];
  equal(chosenAt(350, 250)?.event, 9, "a name");
  equal(chosenAt(301, 303)?.event, 7, "a mark");
  equal(chosenAt(610, 30)?.stop, 3, "a step's number");
  equal([chosenAt(20, 15), chosenAt(500, 500)], [null, null], "words without an event, and nothing");
  const kill = eventAt(run, 4e6, run.lanes.findIndex((l) => l.id === "broker-2"));
  equal(run.strings[run.kind[kill]], "fault");
});
