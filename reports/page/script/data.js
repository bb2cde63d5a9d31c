// page_data.js: what the run left in the page, as columns that can be searched.

// unpack reads the page's data: base64 of deflated JSON.
async function unpack(text) {
  const raw = atob(text.trim());
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

// undelta turns differences into values; null stays null and does not move the sum.
function undelta(list) {
  const out = new Float64Array(list.length);
  let sum = 0;
  for (let i = 0; i < list.length; i++) {
    if (list[i] === null) { out[i] = NaN; continue; }
    sum += list[i];
    out[i] = sum;
  }
  return out;
}

// alongConnections turns differences to the entry before of the same connection into values.
function alongConnections(list, lanes, conns) {
  const last = new Map();
  return list.map((d, i) => {
    const key = lanes[i] * 0x100000000 + conns[i];
    const v = d + (last.get(key) || 0);
    last.set(key, v);
    return v;
  });
}

// causes turns how far back causes lie into indexes; 0 back is none, -1.
function causes(back) {
  const out = new Int32Array(back.length);
  for (let i = 0; i < back.length; i++) out[i] = back[i] ? i - back[i] : -1;
  return out;
}

// above is the number of entries of a sorted list that are at most v: the index behind them.
function above(list, v) {
  let lo = 0, hi = list.length;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (list[mid] <= v) lo = mid + 1; else hi = mid;
  }
  return lo;
}

// The sorts of events. FRAME, LOST and HELD are messages.
const FRAME = 1, LOST = 2, HELD = 3, TIMER = 4, FLUSH = 5, CONN = 6, COMMAND = 7, FAULT = 8, NOTE = 9;
const SORTS = {
  frame: FRAME, lost: LOST, held: HELD, timer: TIMER, flushed: FLUSH, "conn-opened": CONN,
  "conn-closed": CONN, command: COMMAND, fault: FAULT, heal: FAULT,
};

// FAMILIES are the conversations that a cluster holds. Requests are solid, answers dashed.
const FAMILIES = [
  { id: "write", name: "Writing", ink: "blue", about: "producers send records" },
  { id: "copy", name: "Replication", ink: "green", about: "followers fetch from leaders" },
  { id: "read", name: "Reading", ink: "purple", about: "consumers fetch records" },
  { id: "group", name: "Groups", ink: "orange", about: "members join, commit, keep alive" },
  { id: "control", name: "Control", ink: "vermillion", about: "metadata, leaders, the in-sync set" },
  { id: "zookeeper", name: "ZooKeeper", ink: "grey", about: "sessions, elections, stored state" },
];
const WRITE = 0, COPY = 1, READ = 2, GROUP = 3, CONTROL = 4, ZOOKEEPER = 5;
const FAMILY_OF = {
  Produce: WRITE, InitProducerID: WRITE, AddPartitionsToTxn: WRITE, AddOffsetsToTxn: WRITE,
  EndTxn: WRITE, TxnOffsetCommit: WRITE, WriteTxnMarkers: WRITE, Fetch: READ, ListOffsets: READ,
  OffsetForLeaderEpoch: READ, DeleteRecords: WRITE, FindCoordinator: GROUP, JoinGroup: GROUP,
  SyncGroup: GROUP, Heartbeat: GROUP, LeaveGroup: GROUP, OffsetCommit: GROUP, OffsetFetch: GROUP,
  OffsetDelete: GROUP, DescribeGroups: GROUP, ListGroups: GROUP, DeleteGroups: GROUP,
};

const INTERNAL = 4; // folded: a note on internal topics only

function familyOf(api, asker) {
  if (api.startsWith("zk.")) return ZOOKEEPER;
  const family = FAMILY_OF[api];
  if (family === undefined) return CONTROL;
  return family === READ && asker === "broker" ? COPY : family;
}

// newRun is the run with its tables ready for searching.
function newRun(d) {
  const e = d.events, n = e.n, strings = d.strings;
  const run = {
    d, n, strings, lanes: d.lanes, partitions: d.partitions, sets: d.partsets, end: Math.max(d.run.end, 1),
    at: undelta(e.at), seq: undelta(e.seq), lane: Int16Array.from(e.lane), cause: causes(e.cause),
    peer: Int16Array.from(e.peer), version: Int16Array.from(e.version), reply: Uint8Array.from(e.reply),
    corr: alongConnections(e.corr, e.lane, e.conn), conn: e.conn, api: e.api, text: e.text, kind: e.kind, parts: e.parts,
    fold: Uint8Array.from(e.fold), sent: new Float64Array(n), sort: new Uint8Array(n),
    family: new Uint8Array(n), trouble: new Uint8Array(n),
  };
  const sortOf = strings.map((s) => SORTS[s] || NOTE);
  const isTrouble = strings.map((s) => /\b[A-Z]{3,}(_[A-Z]+)+\b/.test(s) ? 1 : 0);
  const internal = d.partsets.map((set) => set.length > 0 && set.every((p) => d.partitions[p].startsWith("__")));
  const roles = d.lanes.map((l) => l.role);
  const families = new Map();
  for (let i = 0; i < n; i++) {
    const sort = sortOf[e.kind[i]];
    run.sort[i] = sort;
    if (sort === NOTE && run.fold[i] === 0 && internal[e.parts[i]]) run.fold[i] = INTERNAL;
    run.sent[i] = run.at[i] - e.sent[i];
    if (sort > HELD) continue;
    const asker = e.reply[i] ? e.lane[i] : e.peer[i];
    const key = e.api[i] * 4096 + asker;
    let family = families.get(key);
    if (family === undefined) {
      family = familyOf(strings[e.api[i]], asker >= 0 ? roles[asker] : "");
      families.set(key, family);
    }
    run.family[i] = family;
    if (e.reply[i] && family !== ZOOKEEPER) run.trouble[i] = isTrouble[e.text[i]];
  }
  run.states = newStates(d.states, strings);
  run.clock = clockDecimals(run.end);
  return run;
}

// newStates sorts what nodes know by node and key: lane → key → the events from which values hold.
function newStates(s, strings) {
  const lanes = new Map();
  let event = 0;
  for (let i = 0; i < s.n; i++) {
    event += s.event[i];
    let keys = lanes.get(s.lane[i]);
    if (!keys) lanes.set(s.lane[i], keys = new Map());
    const key = strings[s.key[i]];
    let line = keys.get(key);
    if (!line) keys.set(key, line = { events: [], values: [] });
    line.events.push(event);
    line.values.push(strings[s.value[i]]);
  }
  return lanes;
}

// stateAt is what a node knows after an event: rows of key, value, and what it was before that event.
function stateAt(run, lane, event) {
  const rows = [];
  for (const [key, line] of run.states.get(lane) || []) {
    const i = above(line.events, event) - 1;
    if (i < 0) continue;
    const before = above(line.events, event - 1) - 1;
    const changed = before !== i;
    if (!line.values[i] && !changed) continue;
    rows.push({ key, value: line.values[i], changed, was: before >= 0 ? line.values[before] : "" });
  }
  return rows.sort((a, b) => a.key.localeCompare(b.key, "en", { numeric: true }));
}

// knows is one value of a node after an event, "" for none.
function knows(run, lane, key, event) {
  const line = run.states.get(lane)?.get(key);
  if (!line) return "";
  const i = above(line.events, event) - 1;
  return i < 0 ? "" : line.values[i];
}

// laneName is the node of a lane.
function laneName(run, lane) { return lane >= 0 ? run.lanes[lane].id : "the world"; }

// shortNames leaves out the long random tail of the ids that members of a group have.
function shortNames(text) { return text.replace(/-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, ""); }

// describe says an event in words, without its time and place.
function describe(run, i) {
  const s = run.strings, api = s[run.api[i]], peer = laneName(run, run.peer[i]);
  const text = shortNames(s[run.text[i]]);
  switch (run.sort[i]) {
    case FRAME: return run.reply[i] ? `gets the answer to ${api} from ${peer}` : `gets ${api} from ${peer}`;
    case LOST: return `never gets ${run.reply[i] ? "the answer to " : ""}${api} from ${peer}: lost`;
    case HELD: return `does not get ${run.reply[i] ? "the answer to " : ""}${api} from ${peer}: held back`;
    case TIMER: return text ? `a timer fires: ${text}` : "a timer fires";
    case FLUSH: return text ? `a flush is done: ${text}` : "a flush to disk is done";
    case CONN: return (s[run.kind[i]] === "conn-opened" ? `a connection with ${peer} is open`
      : `the connection with ${peer} is closed`) + (text ? `: ${text}` : "");
    case COMMAND: return `is told: ${text || "to go on"}`;
    case FAULT: return `${s[run.kind[i]]}: ${text}`;
    default: return text || (s[run.kind[i]] === "started" ? "starts" : s[run.kind[i]]);
  }
}

// chain is an event with what led to it, back to the root.
function chain(run, i) {
  const out = [];
  for (; i >= 0 && out.length < 100000; i = run.cause[i]) out.push(i);
  return out;
}
