// @ts-check

import { equal } from "./expect.js";
import { above, alongConnections, causes, undelta } from "../columns.js";
import { FAULT, FRAME, NOTE, isInternal, knows, newRun, stateAt } from "../data.js";
import { chain, describe, shortNames } from "../words.js";

test("differences become values, and a value that is gone moves nothing", () => {
  equal(undelta([5, 1, 1]), [5, 6, 7]);
  const gone = undelta([5, null, 2]);
  equal([gone[0], Number.isNaN(gone[1]), gone[2]], [5, true, 7]);
  equal(alongConnections([10, 20, 1, 1], [0, 1, 0, 1], [7, 7, 7, 7]), [10, 20, 11, 21]);
  equal(causes([0, 1, 0, 3]), [-1, 0, -1, 0]);
});

test("above is the index behind the entries that are at most a value", () => {
  const list = [1, 3, 3, 8];
  equal([0, 1, 3, 7, 8, 9].map((v) => above(list, v)), [0, 1, 3, 3, 4, 4]);
  equal(above([], 1), 0);
});

test("the run that Go wrote is read back", () => {
  const run = newRun(story);
  equal(run.n > 100, true, "there are events");
  for (let i = 0; i < run.n; i++) {
    if (i && (run.at[i] < run.at[i - 1] || run.seq[i] < run.seq[i - 1])) throw new Error(`event ${i} goes back`);
    if (run.cause[i] >= i || run.sent[i] > run.at[i]) throw new Error(`event ${i} comes before its cause`);
  }
  const kill = run.sort.indexOf(FAULT);
  equal([run.at[kill], describe(run, kill)], [4e6, "fault: kill broker-2"]);
  const elected = Array.from(run.kind).findIndex((k, i) => run.strings[k] === "leader-elected" && run.at[i] > 5e6);
  equal([run.at[elected], run.sort[elected]], [5.2e6, NOTE]);
  equal(chain(run, elected)[0], elected);
});

test("messages have the families that Go found", () => {
  const run = newRun(story), seen = new Set();
  for (let i = 0; i < run.n; i++) {
    if (run.sort[i] === FRAME) seen.add(`${run.strings[run.api[i]]} ${run.families[run.family[i]].name}`);
  }
  equal([...seen].sort(), ["Fetch Reading", "Fetch Replication", "Heartbeat Groups", "Produce Writing",
    "UpdateMetadata Control", "zk.ping ZooKeeper"]);
});

test("a node knows what it last learned", () => {
  const run = newRun(story), broker = run.lanes.findIndex((l) => l.id === "broker-3");
  equal(knows(run, broker, "orders-0 role", run.n), "leader, epoch 1");
  equal(knows(run, broker, "orders-0 role", 0), "");
  const became = run.states.get(broker)?.get("orders-0 role")?.events.at(-1) || 0;
  const role = stateAt(run, broker, became).find((r) => r.key === "orders-0 role");
  equal([role?.value, role?.changed], ["leader, epoch 1", true]);
  equal([isInternal(run, "__consumer_offsets-3 role"), isInternal(run, "orders-0")], [true, false]);
});

test("the random tail of a member's id is left out", () => {
  equal(shortNames("drops app-2-b3703a90-9b24-45b8-8b4f-dd05b900a932 from group g"), "drops app-2 from group g");
});
