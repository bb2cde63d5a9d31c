// @ts-check

import { equal } from "./expect.js";
import { newRun } from "../data.js";
import { axis } from "../axis.js";
import { markPlaces } from "../stairs.js";
import { lagLines, leaderRows, lookOf, offsetLines } from "../tracks.js";

test("a dead leader is hatched, and so is one that leads on", () => {
  const run = newRun(story);
  const [led, sync] = leaderRows(run, run.d.leaders[0]);
  equal(led.spans.map((s) => [s.text, Boolean(s.hatched), s.inks]), [
    ["broker-2, epoch 0", false, ["vermillion"]],
    ["nobody: broker-2 is dead", true, []],
    ["broker-3, epoch 1", false, ["green"]],
  ]);
  equal(sync.spans[0].inks, ["blue", "vermillion", "green"], "who is in sync has the brokers' colours");
  const span = { from: 1, to: 2, leader: 1, epoch: 4, dead: 0 };
  const rows = leaderRows(run, { partition: "t-0", spans: [{ ...span, leader: -1 }], stale: [span], isr: [] });
  equal(rows.map((r) => [r.name, r.spans[0].hatched, r.spans[0].inks]), [["t-0 led by", true, []], ["leads on", true, ["blue"]]]);
});

test("a broker has one colour in lanes, offsets and leaders", () => {
  const run = newRun(story);
  const ends = offsetLines(run, run.d.offsets[0]).filter((l) => l.name.endsWith("log end"));
  equal(ends.map((l) => l.ink), ["blue", "vermillion", "green"]);
  equal(["broker-1", "broker-2", "broker-3"].map((id) => lookOf(run, id).ink), ["blue", "vermillion", "green"]);
  equal(ends.every((l, k) => k === 0 || l.thick < ends[k - 1].thick), true, "each lies inside of the one before");
  const marks = offsetLines(run, run.d.offsets[0]).filter((l) => l.name.endsWith("high watermark"));
  equal(new Set(marks.map((l) => l.phase)).size, marks.length, "the dots of one stand between those of the others");
});

// ten readers that have all committed the same.
const ten = Array.from({ length: 10 }, (_, k) => k + 1);

test("ten readers of one partition are told apart where their lines lie on each other", () => {
  const groups = ten.map((k) => ({ name: `g${k}`, ink: story.inks[(k - 1) % 6], round: k > 6 ? 1 : 0, mark: String(k) }));
  const line = { at: [1e6, 1e6], value: [5, 5] };
  const run = newRun({ ...story, groups, lag: ten.map((k) => ({ group: `g${k}`, partition: "orders-0", ...line })) });
  const committed = offsetLines(run, { partition: "orders-0", lines: ten.map((k) =>
    ({ name: `g${k}`, what: "committed", node: "", group: `g${k}`, ...line })) });
  axis.left = 190;
  axis.width = 780;
  axis.even = false;
  axis.show(run, 0, run.end);
  for (const lines of [committed, lagLines(run)]) {
    equal(new Set(lines.map((l) => l.ink + l.dash)).size, 10, "ten looks");
    const places = markPlaces(lines, (v) => 100 - v);
    equal(ten.filter((k) => !places.some((p) => p.line.mark === String(k))), [], "without a mark");
    equal(places.every((p, i) => places.every((q, j) => i === j || Math.abs(p.x - q.x) >= 17)), true, "marks lie on each other");
  }
});
