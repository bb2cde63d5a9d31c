"use strict";
(() => {
  // script/dom.js
  var $ = (id) => (
    /** @type {HTMLElement} */
    document.getElementById(id)
  );
  var field = (id) => (
    /** @type {HTMLInputElement} */
    $(id)
  );
  var every = (selector) => [...document.querySelectorAll(selector)].map((e) => (
    /** @type {HTMLElement} */
    e
  ));
  function el(tag, attributes = {}, ...children) {
    const e = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "onclick") e.addEventListener("click", value);
      else if (value !== null && value !== void 0) e.setAttribute(name, value);
    }
    e.append(...children);
    return e;
  }
  function fill(e, ...children) {
    e.replaceChildren(...children);
  }

  // script/columns.js
  function undelta(list) {
    const out = new Float64Array(list.length);
    let sum = 0;
    for (let i = 0; i < list.length; i++) {
      const d = list[i];
      if (d === null) {
        out[i] = NaN;
        continue;
      }
      sum += d;
      out[i] = sum;
    }
    return out;
  }
  function alongConnections(list, lanes, conns) {
    const last = /* @__PURE__ */ new Map();
    return list.map((d, i) => {
      const key = lanes[i] * 4294967296 + conns[i];
      const v = d + (last.get(key) || 0);
      last.set(key, v);
      return v;
    });
  }
  function causes(back) {
    const out = new Int32Array(back.length);
    for (let i = 0; i < back.length; i++) out[i] = back[i] ? i - back[i] : -1;
    return out;
  }
  function above(list, v) {
    let lo = 0, hi = list.length;
    while (lo < hi) {
      const mid = lo + hi >> 1;
      if (list[mid] <= v) lo = mid + 1;
      else hi = mid;
    }
    return lo;
  }

  // script/axis.js
  var axis = {
    even: false,
    u0: 0,
    u1: 1,
    left: 0,
    width: 1,
    /** @type {Shown} */
    shown: { events: new Int32Array(0), at: new Float64Array(0), rank: new Int32Array(0), long: [], reach: 0 },
    /** @param {number} u */
    x(u) {
      return this.left + (u - this.u0) / (this.u1 - this.u0) * this.width;
    },
    /** @param {number} x */
    atX(x) {
      return this.u0 + (x - this.left) / this.width * (this.u1 - this.u0);
    },
    /** @param {number} t */
    xOf(t) {
      return this.x(this.uOf(t));
    },
    // uOf is where a time lies. Between two events of even spacing it is in proportion.
    /** @param {number} t */
    uOf(t) {
      if (!this.even) return t;
      const at = this.shown.at, k = above(at, t);
      if (k === 0) return at.length ? Math.max(-1, (t - at[0]) / Math.max(at[0], 1)) : 0;
      if (k === at.length) return k - 1 + Math.min(1, (t - at[k - 1]) / 1e6);
      return k - 1 + (t - at[k - 1]) / (at[k] - at[k - 1]);
    },
    /** @param {number} u */
    tOf(u) {
      if (!this.even) return u;
      const at = this.shown.at, k = Math.floor(u);
      if (!at.length) return 0;
      if (k < 0) return Math.max(0, at[0] * (1 + Math.max(u, -1)));
      if (k >= at.length - 1) return at[at.length - 1] + (u - at.length + 1) * 1e6;
      return at[k] + (u - k) * (at[k + 1] - at[k]);
    },
    // xEvent is where an event stands.
    /** @param {Run} run @param {number} i */
    xEvent(run2, i) {
      if (!this.even) return this.x(run2.at[i]);
      const r = this.shown.rank[i];
      return this.x(r >= 0 ? r : this.uOf(run2.at[i]));
    },
    // xSent is where a message leaves.
    /** @param {Run} run @param {number} i */
    xSent(run2, i) {
      if (!this.even) return this.x(run2.sent[i]);
      const c = run2.cause[i];
      if (c >= 0 && run2.lane[c] === run2.peer[i] && this.shown.rank[c] >= 0) return this.x(this.shown.rank[c]);
      return Math.min(this.xOf(run2.sent[i]), this.xEvent(run2, i));
    },
    // span are the times at both ends.
    span() {
      return [this.tOf(this.u0), this.tOf(this.u1)];
    },
    /** @param {Run} run @returns {[number, number]} */
    full(run2) {
      return this.even ? [-1, Math.max(this.shown.at.length, 1)] : [0, run2.end];
    },
    least() {
      return this.even ? 4 : 40;
    },
    // show sets the window, within the run.
    /** @param {Run} run @param {number} u0 @param {number} u1 */
    show(run2, u0, u1) {
      const [lo, hi] = this.full(run2);
      let width = Math.min(Math.max(u1 - u0, this.least()), hi - lo);
      u0 = Math.min(Math.max(u0, lo), hi - width);
      this.u0 = u0;
      this.u1 = u0 + width;
    }
  };
  function clockDecimals(end) {
    return end > 0 ? 6 : 3;
  }
  function clock(t, decimals = 6) {
    return (t / 1e6).toFixed(decimals) + " s";
  }
  function length(us) {
    const a = Math.abs(us), trim = (v) => String(Number(v.toPrecision(3)));
    if (a < 1e3) return `${trim(us)} µs`;
    if (a < 999500) return `${trim(us / 1e3)} ms`;
    return `${trim(us / 1e6)} s`;
  }
  function roundStep(v) {
    const p = Math.pow(10, Math.floor(Math.log10(Math.max(v, 1e-9))));
    for (const f of [1, 2, 5]) if (f * p >= v * 0.999) return f * p;
    return 10 * p;
  }
  function ticks() {
    const out = [];
    if (axis.even) {
      const room = Math.max(1, roundStep((axis.u1 - axis.u0) / (axis.width / 105)));
      let last = NaN;
      for (let u = Math.ceil(Math.max(axis.u0, 0) / room) * room; u <= axis.u1; u += room) {
        if (u >= axis.shown.at.length || axis.shown.at[u] === last) continue;
        last = axis.shown.at[u];
        out.push({ x: axis.x(u), text: clock(last) });
      }
      return out;
    }
    const step = Math.max(1, roundStep((axis.u1 - axis.u0) / (axis.width / 105)));
    const decimals = Math.max(0, Math.min(6, 6 - Math.floor(Math.log10(step))));
    for (let t = Math.ceil(axis.u0 / step) * step; t <= axis.u1; t += step) {
      out.push({ x: axis.x(t), text: clock(t, decimals) });
    }
    return out;
  }

  // script/data.js
  async function unpack(text) {
    const raw = atob(text.trim());
    const bytes = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return JSON.parse(await new Response(stream).text());
  }
  var FRAME = 1;
  var LOST = 2;
  var HELD = 3;
  var TIMER = 4;
  var FLUSH = 5;
  var CONN = 6;
  var COMMAND = 7;
  var FAULT = 8;
  var NOTE = 9;
  var SORTS = {
    frame: FRAME,
    lost: LOST,
    held: HELD,
    timer: TIMER,
    flushed: FLUSH,
    "conn-opened": CONN,
    "conn-closed": CONN,
    command: COMMAND,
    fault: FAULT,
    heal: FAULT
  };
  var INTERNAL = 4;
  var TROUBLE = /\b[A-Z]{3,}(_[A-Z]+)+\b/;
  function newRun(d) {
    const e = d.events, n = e.n, strings = d.strings;
    const run2 = {
      d,
      n,
      strings,
      lanes: d.lanes,
      partitions: d.partitions,
      sets: d.partsets,
      end: Math.max(d.run.end, 1),
      at: undelta(e.at),
      seq: undelta(e.seq),
      lane: Int16Array.from(e.lane),
      cause: causes(e.cause),
      peer: Int16Array.from(e.peer),
      version: Int16Array.from(e.version),
      reply: Uint8Array.from(e.reply),
      corr: alongConnections(e.corr, e.lane, e.conn),
      conn: e.conn,
      api: e.api,
      text: e.text,
      kind: e.kind,
      parts: e.parts,
      fold: Uint8Array.from(e.fold),
      sent: new Float64Array(n),
      sort: new Uint8Array(n),
      families: d.families,
      family: Uint8Array.from(e.family),
      trouble: new Uint8Array(n),
      states: newStates(d.states, strings),
      clock: clockDecimals(Math.max(d.run.end, 1)),
      main: "",
      flags: [],
      stops: [],
      stop: -1,
      veiled: false,
      veilFrom: Infinity,
      ask: -1,
      chosen: -1
    };
    const sortOf = strings.map((s) => SORTS[s] || NOTE);
    const isTrouble = strings.map((s) => TROUBLE.test(s) ? 1 : 0);
    const internal = d.partsets.map((set) => set.length > 0 && set.every((p) => d.partitions[p].startsWith(d.internal)));
    const zookeeper = d.families.findIndex((f) => f.id === "zookeeper");
    for (let i = 0; i < n; i++) {
      const sort = sortOf[e.kind[i]];
      run2.sort[i] = sort;
      if (sort === NOTE && run2.fold[i] === 0 && internal[e.parts[i]]) run2.fold[i] = INTERNAL;
      run2.sent[i] = run2.at[i] - e.sent[i];
      if (sort > HELD) continue;
      if (e.reply[i] && run2.family[i] !== zookeeper) run2.trouble[i] = isTrouble[e.text[i]];
    }
    return run2;
  }
  function newStates(s, strings) {
    const lanes = /* @__PURE__ */ new Map();
    let event = 0;
    for (let i = 0; i < s.n; i++) {
      event += s.event[i];
      let keys = lanes.get(s.lane[i]);
      if (!keys) lanes.set(s.lane[i], keys = /* @__PURE__ */ new Map());
      const key = strings[s.key[i]];
      let line = keys.get(key);
      if (!line) keys.set(key, line = { events: [], values: [] });
      line.events.push(event);
      line.values.push(strings[s.value[i]]);
    }
    return lanes;
  }
  function stateAt(run2, lane, event) {
    const rows = [];
    for (const [key, line] of run2.states.get(lane) || []) {
      const i = above(line.events, event) - 1;
      if (i < 0) continue;
      const before = above(line.events, event - 1) - 1;
      const changed = before !== i;
      if (!line.values[i] && !changed) continue;
      rows.push({ key, value: line.values[i], changed, was: before >= 0 ? line.values[before] : "" });
    }
    return rows.sort((a, b) => a.key.localeCompare(b.key, "en", { numeric: true }));
  }
  function knows(run2, lane, key, event) {
    const line = run2.states.get(lane)?.get(key);
    if (!line) return "";
    const i = above(line.events, event) - 1;
    return i < 0 ? "" : line.values[i];
  }
  function isInternal(run2, name) {
    return name.startsWith(run2.d.internal);
  }

  // script/state.js
  var view = { t: 0, event: -1, lane: -1, picked: false, tab: "story" };
  var run;
  function setRun(r) {
    run = r;
  }
  var draw = () => {
  };
  var pending = false;
  function onRedraw(f) {
    draw = f;
  }
  function redraw() {
    if (pending || !run) return;
    pending = true;
    requestAnimationFrame(() => {
      pending = false;
      draw();
    });
  }
  function showTab(name) {
    view.tab = name;
    for (const tab of every("[role=tab]")) {
      const on = tab.id === `tab-${name}`;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
    }
    for (const panel of every("[data-tab]")) {
      panel.classList.toggle("on", panel.dataset.tab === name);
    }
    redraw();
  }
  var playing = { on: false, last: 0 };
  function halt() {
    if (!playing.on) return;
    playing.on = false;
    $("play").textContent = "▶ Play";
  }

  // script/filter.js
  var filter = {
    /** @type {Set<number>} */
    lanes: /* @__PURE__ */ new Set(),
    // hidden nodes
    /** @type {Set<string>} */
    apis: /* @__PURE__ */ new Set(),
    // hidden APIs, by name
    partition: -1,
    // the only one, −1 for all
    changes: 0,
    folds: [true, false, false, false, false]
    // shown: what is not folded, then as FOLDS
  };
  var FOLDS = [
    "",
    "Heartbeats",
    "Fetches that bring nothing",
    "Timers, flushes, connections",
    "Notes on internal topics"
  ];
  function shownEvents(run2) {
    const hidden = run2.strings.map((s) => filter.apis.has(s));
    const p = filter.partition;
    const about = run2.sets.map((set) => p < 0 || set.includes(p));
    const list = new Int32Array(run2.n), rank = new Int32Array(run2.n).fill(-1);
    let k = 0;
    for (let i = 0; i < run2.n; i++) {
      const sort = run2.sort[i], lane = run2.lane[i], peer = run2.peer[i];
      if (!filter.folds[run2.fold[i]] || filter.lanes.has(lane)) continue;
      if (sort <= HELD && (hidden[run2.api[i]] || filter.lanes.has(peer))) continue;
      if (p >= 0 && sort !== FAULT && !about[run2.parts[i]]) continue;
      rank[i] = k;
      list[k++] = i;
    }
    const events = list.slice(0, k), at = new Float64Array(k);
    for (let j = 0; j < k; j++) at[j] = run2.at[events[j]];
    const reach = 6e4, long = [];
    for (let j = 0; j < k; j++) if (at[j] - run2.sent[events[j]] > reach) long.push(events[j]);
    return { events, at, rank, long, reach };
  }
  function inWindow() {
    const s = axis.shown, [t0, t1] = axis.span();
    if (axis.even) {
      return [Math.max(0, Math.floor(axis.u0) - 2), Math.min(s.events.length, Math.ceil(axis.u1) + 12)];
    }
    return [above(s.at, t0 - 1), above(s.at, t1 + s.reach)];
  }
  function buildFilters(run2, changed) {
    const box = (label, on, set, ink) => {
      const input = el("input", { type: "checkbox" });
      input.checked = on;
      input.addEventListener("change", () => {
        set(input.checked);
        changed();
      });
      return el("label", { class: "box" }, input, ink ? el("i", { class: `swatch ink-${ink}` }) : "", label);
    };
    const toggle = (set, key) => (on) => {
      if (on) set.delete(key);
      else set.add(key);
    };
    const nodes = el(
      "fieldset",
      {},
      el("legend", {}, "Nodes"),
      ...run2.lanes.map((l, i) => box(l.id, true, toggle(filter.lanes, i)))
    );
    const folds = el(
      "fieldset",
      {},
      el("legend", {}, "Folded at first"),
      ...[1, 2, 3, 4].map((f) => box(FOLDS[f], filter.folds[f], (on) => {
        filter.folds[f] = on;
      }))
    );
    const select = el(
      "select",
      { id: "partition" },
      el("option", { value: "-1" }, "all partitions"),
      ...run2.partitions.map((p, i) => el("option", { value: String(i) }, p))
    );
    select.addEventListener("change", () => {
      filter.partition = Number(select.value);
      changed();
    });
    const parts = el(
      "fieldset",
      {},
      el("legend", {}, "Partition"),
      el("label", { class: "box" }, "Only what is about ", select)
    );
    const [copy, read] = ["copy", "read"].map((id) => run2.families.findIndex((f) => f.id === id));
    const seen = /* @__PURE__ */ new Map();
    for (let i = 0; i < run2.n; i++) {
      if (run2.sort[i] <= HELD) seen.set(run2.strings[run2.api[i]], run2.family[i] === copy ? read : run2.family[i]);
    }
    const apis = el("fieldset", { class: "apis" }, el("legend", {}, "Requests, by API"));
    run2.families.forEach((f, k) => {
      const names = [...seen].filter(([, family]) => family === k).map(([name]) => name).sort();
      for (const name of names) apis.append(box(name, true, toggle(filter.apis, name), f.ink));
    });
    $("filters").append(nodes, apis, folds, parts);
  }

  // script/layout.js
  var BUCKET = 4;
  var diagram = {
    /** @type {HTMLCanvasElement} */
    canvas: (
      /** @type {any} */
      null
    ),
    // set before anything is drawn
    height: 0,
    top: 0,
    dense: false,
    narrow: false,
    /** @type {number[]} */
    lanes: [],
    // those that are shown, from the top
    /** @type {LaneRow[]} */
    rows: [],
    // where they stand
    /** @type {number[]} */
    y: [],
    // of every lane's line, −1 for one that is hidden
    bandRows: {
      /** @type {Map<Band, number>} */
      rows: /* @__PURE__ */ new Map(),
      count: 0
    },
    /** @type {Hit[]} */
    hits: [],
    // what is drawn as an arrow or a mark
    /** @type {Place[]} */
    places: [],
    // what is written beside them and above, to be chosen like them
    /** @type {Set<number>} */
    path: /* @__PURE__ */ new Set(),
    // events of the chosen chain
    counts: new Uint32Array(0),
    columns: 0
    // of the heaps
  };
  var FOLDED_ROW = 17;
  function layDiagram(run2, width) {
    const narrow = width < 640;
    axis.left = narrow ? 8 : 190;
    axis.width = width - axis.left - (narrow ? 8 : 16);
    diagram.narrow = narrow;
    diagram.lanes = laneOrder(run2).filter((i) => !filter.lanes.has(i));
    const folded = foldedLanes(run2), open = diagram.lanes.filter((lane) => !folded.has(lane)).length;
    const high = open > 14 ? 36 : narrow ? 44 : 56;
    diagram.bandRows = rowsOf(run2.d.bands.filter((b) => b.lane < 0 && !(run2.veiled && b.from >= run2.veilFrom)));
    const flags = run2.flags.filter((f) => !(run2.veiled && f.at >= run2.veilFrom)).length;
    diagram.top = 50 + Math.min(flags, 2) * 17 + diagram.bandRows.count * 18;
    diagram.y = new Array(run2.lanes.length).fill(-1);
    let top = diagram.top;
    diagram.rows = diagram.lanes.map((lane) => {
      const row = { lane, top, height: folded.has(lane) ? FOLDED_ROW : high, folded: folded.has(lane) };
      diagram.y[lane] = top + row.height * (narrow && !row.folded ? 0.66 : 0.5);
      top += row.height;
      return row;
    });
    diagram.height = top + 8;
  }
  function rowOf(lane) {
    return diagram.rows[diagram.lanes.indexOf(lane)];
  }
  function rowAt(y) {
    return diagram.rows.find((r) => y >= r.top && y < r.top + r.height);
  }
  function laneOrder(run2) {
    const rank = (i) => isHelper(run2, i) ? 3 : ["broker", "producer", "consumer"].indexOf(run2.lanes[i].role);
    return run2.lanes.map((_, i) => i).sort((a, b) => rank(a) - rank(b) || a - b);
  }
  function isHelper(run2, lane) {
    const { id, role } = run2.lanes[lane];
    return role === "zookeeper" || role === "admin" || id === "final-reader";
  }
  function foldedLanes(run2) {
    const until = axis.span()[1], begins = beginnings(run2), chosen = view.event >= 0 ? run2.lane[view.event] : -1;
    const folded = /* @__PURE__ */ new Set();
    run2.lanes.forEach(({ role }, lane) => {
      const idle = role !== "broker" && begins[lane] > until;
      if ((isHelper(run2, lane) || idle) && lane !== view.lane && lane !== chosen) folded.add(lane);
    });
    return folded;
  }
  var begun = { shown: (
    /** @type {Shown | null} */
    null
  ), at: new Float64Array(0) };
  function beginnings(run2) {
    if (begun.shown === axis.shown) return begun.at;
    const at = new Float64Array(run2.lanes.length).fill(Infinity);
    const note = (lane, t) => {
      if (lane >= 0 && t < at[lane]) at[lane] = t;
    };
    for (const i of axis.shown.events) {
      note(run2.lane[i], run2.at[i]);
      note(run2.peer[i], run2.sent[i]);
    }
    begun = { shown: axis.shown, at };
    return at;
  }
  function rowsOf(bands) {
    const ends = [], rows = /* @__PURE__ */ new Map();
    for (const b of bands) {
      let r = ends.findIndex((end) => end <= b.from);
      if (r < 0) r = ends.length < 3 ? ends.push(0) - 1 : 2;
      ends[r] = b.to;
      rows.set(b, r);
    }
    return { rows, count: ends.length };
  }

  // script/canvas.js
  function surface(canvas, width, height) {
    const scale = window.devicePixelRatio || 1;
    const w = Math.max(1, Math.round(width * scale)), h = Math.max(1, Math.round(height * scale));
    if (canvas.width !== w || canvas.height !== h) {
      canvas.width = w;
      canvas.height = h;
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
    const c = (
      /** @type {CanvasRenderingContext2D} */
      canvas.getContext("2d")
    );
    c.setTransform(scale, 0, 0, scale, 0, 0);
    c.clearRect(0, 0, width, height);
    c.font = FONT;
    c.textBaseline = "middle";
    return c;
  }
  var FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif';
  var INKS = {};
  var INK_NAMES = [
    "paper",
    "card",
    "text",
    "dim",
    "line",
    "faint",
    "accent",
    "bad",
    "ok",
    "blue",
    "green",
    "purple",
    "orange",
    "vermillion",
    "grey",
    "sky",
    "down",
    "paused",
    "network",
    "other"
  ];
  function readInks() {
    const style = getComputedStyle(document.documentElement);
    for (const name of INK_NAMES) INKS[name] = style.getPropertyValue(`--${name}`).trim() || "#888";
  }
  var Labels = class {
    constructor() {
      this.rows = /* @__PURE__ */ new Map();
    }
    // free takes the rectangle if nothing is there yet.
    /** @param {number} x @param {number} y @param {number} w @param {number} h */
    free(x, y, w, h) {
      const y0 = Math.floor(y / 8), y1 = Math.floor((y + h) / 8);
      for (let r = y0; r <= y1; r++) {
        for (const [a, b] of this.rows.get(r) || []) if (x < b && x + w > a) return false;
      }
      for (let r = y0; r <= y1; r++) {
        if (!this.rows.has(r)) this.rows.set(r, []);
        this.rows.get(r)?.push([x, x + w]);
      }
      return true;
    }
  };
  function halo(c, text, x, y, ink) {
    c.lineJoin = "round";
    c.lineWidth = 4;
    c.strokeStyle = INKS.paper;
    c.strokeText(text, x, y);
    c.fillStyle = ink;
    c.fillText(text, x, y);
  }
  var textWidths = /* @__PURE__ */ new Map();
  function widthOf(c, text) {
    let w = textWidths.get(text);
    if (w === void 0) {
      if (textWidths.size > 2e4) textWidths.clear();
      textWidths.set(text, w = c.measureText(text).width);
    }
    return w;
  }
  function clip(c, text, width) {
    if (widthOf(c, text) <= width) return text;
    let n = Math.max(1, Math.floor(text.length * width / widthOf(c, text)));
    while (n > 1 && c.measureText(text.slice(0, n) + "…").width > width) n--;
    return text.slice(0, n) + "…";
  }
  function hatched(c, x, y, w, h, ink) {
    c.save();
    c.beginPath();
    c.rect(x, y, w, h);
    c.clip();
    c.strokeStyle = ink;
    c.lineWidth = 1;
    c.globalAlpha = 0.55;
    c.beginPath();
    for (let a = x - h - (x - h) % 9; a < x + w; a += 9) {
      c.moveTo(a, y + h);
      c.lineTo(a + h, y);
    }
    c.stroke();
    c.restore();
  }
  function cross(c, x, y, ink) {
    c.lineWidth = 5;
    c.strokeStyle = INKS.paper;
    for (const pass of [0, 1]) {
      c.beginPath();
      c.moveTo(x - 4.5, y - 4.5);
      c.lineTo(x + 4.5, y + 4.5);
      c.moveTo(x - 4.5, y + 4.5);
      c.lineTo(x + 4.5, y - 4.5);
      c.stroke();
      c.lineWidth = 2.2;
      if (pass === 0) c.strokeStyle = ink;
    }
  }

  // script/stairs.js
  function newTrack() {
    return { canvas: el("canvas", { "aria-hidden": "true" }), legend: el("p", { class: "legend" }) };
  }
  function sample(line) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("width", "26");
    svg.setAttribute("height", "10");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", "M0 5H26");
    path.setAttribute("class", `stroke-${line.ink}`);
    path.setAttribute("stroke-width", String(line.thick));
    const dash = line.phase === void 0 ? line.dash : [3, 3];
    if (dash.length) path.setAttribute("stroke-dasharray", dash.join(" "));
    svg.append(path);
    return svg;
  }
  function stairsTrack(lines, unit, height, options = {}) {
    const track = {
      ...newTrack(),
      lines,
      height,
      draw(width) {
        drawStairs(track, track.lines, width, unit, options);
      },
      legendOf() {
        fill(track.legend, ...track.lines.map((line) => {
          line.readout = el("b", {}, "");
          const mark = line.mark ? el("i", { class: `mark edge-${line.ink}` }, line.mark) : "";
          return el("span", { class: "key" }, mark, sample(line), line.name, " ", line.readout);
        }));
      },
      read(t) {
        for (const line of track.lines) {
          const v = valueAt(line, t), text = Number.isNaN(v) ? "–" : unit(v);
          if (line.shownText === text || !line.readout) continue;
          line.shownText = line.readout.textContent = text;
        }
      }
    };
    return track;
  }
  function valueAt(line, t) {
    const k = above(line.at, t) - 1;
    if (k < 0 || line.until && t >= line.at[k] + line.until) return NaN;
    return line.value[k];
  }
  function fitting(lines, t0, t1) {
    const main = lines.filter((l) => !l.behind);
    if (!main.length || main.length === lines.length) return lines;
    const [a, b] = bounds(main, t0, t1), [lo, hi] = bounds(lines, t0, t1);
    return hi - lo > 4 * (b - a) && b < hi * 20 && t1 - t0 < run.end * 0.5 ? main : lines;
  }
  function bounds(lines, t0, t1, zero) {
    let lo = zero ? 0 : Infinity, hi = zero ? 0 : -Infinity;
    for (const line of lines) {
      const from = Math.max(0, above(line.at, t0) - 1), to = above(line.at, t1);
      const skip = Math.max(1, Math.floor((to - from) / 2e3));
      for (let k = from; k < to; k += skip) {
        const v = line.value[k];
        if (v < lo) lo = v;
        if (v > hi) hi = v;
      }
      if (to > from) {
        const v = line.value[to - 1];
        if (v < lo) lo = v;
        if (v > hi) hi = v;
      }
    }
    if (lo > hi) return [0, 1];
    const room = Math.max((hi - lo) * 0.08, zero ? 0 : 0.6);
    return [zero ? 0 : Math.max(0, lo - room), hi + Math.max(room, (hi - lo) * 0.05) || 1];
  }
  function drawStairs(track, lines, width, unit, options) {
    const h = track.height, c = surface(track.canvas, width, h);
    const [t0, t1] = axis.span();
    const [lo, hi] = bounds(fitting(lines, t0, t1), t0, t1, options.zero);
    const y = (v) => h - 6 - (v - lo) / (hi - lo) * (h - 14);
    drawGrid(c, h);
    const step = Math.max(options.whole ? 1 : 0, roundStep((hi - lo) / 3));
    c.textAlign = "right";
    for (let v = Math.ceil(lo / step) * step; v <= hi; v += step) {
      c.strokeStyle = INKS.faint;
      c.beginPath();
      c.moveTo(axis.left, Math.round(y(v)) + 0.5);
      c.lineTo(axis.left + axis.width, Math.round(y(v)) + 0.5);
      c.stroke();
      const text = unit(v);
      if (diagram.narrow) {
        c.textAlign = "left";
        halo(c, text, axis.left + 2, Math.max(8, y(v) - 7), INKS.dim);
      } else {
        c.fillStyle = INKS.dim;
        c.fillText(text, axis.left - 8, Math.max(8, y(v)));
      }
    }
    c.save();
    c.beginPath();
    c.rect(axis.left, 0, axis.width, h);
    c.clip();
    for (const line of lines) drawStair(c, line, y, t0, t1);
    drawMarks(c, lines.filter((line) => line.mark), y);
    c.restore();
  }
  function drawStair(c, line, y, t0, t1) {
    c.strokeStyle = INKS[line.ink];
    c.lineWidth = line.thick;
    c.setLineDash(line.dash);
    c.lineDashOffset = line.phase || 0;
    c.lineJoin = "round";
    c.beginPath();
    const from = Math.max(0, above(line.at, t0) - 1), to = above(line.at, t1);
    let open = false, before = NaN;
    const corner = (x, v) => {
      if (Number.isNaN(v)) {
        if (open) c.lineTo(x, y(before));
        open = false;
        return;
      }
      if (open) {
        c.lineTo(x, y(before));
        c.lineTo(x, y(v));
      } else c.moveTo(x, y(v));
      open = true;
      before = v;
    };
    if (to - from > axis.width || line.until) {
      for (let x = axis.left; x <= axis.left + axis.width; x++) corner(x, valueAt(line, axis.tOf(axis.atX(x))));
    } else {
      for (let k = from; k < to; k++) corner(Math.max(axis.left, axis.xOf(line.at[k])), line.value[k]);
      if (open) c.lineTo(axis.left + axis.width, y(before));
    }
    c.stroke();
    c.setLineDash([]);
  }
  var MARK_APART = 36;
  function markPlaces(lines, y) {
    const n = lines.length, places = n * Math.max(1, Math.floor(axis.width / (MARK_APART * n)));
    const out = [];
    const put = (line, part) => {
      const x = axis.left + axis.width * part, v = valueAt(line, axis.tOf(axis.atX(x)));
      if (Number.isNaN(v) || out.some((p) => Math.abs(p.x - x) < 17 && Math.abs(p.y - y(v)) < 16)) return;
      out.push({ line, x, y: y(v) });
    };
    for (let j = 0; j < places; j++) put(lines[j % n], (j + 0.5) / places);
    for (const line of lines) {
      for (let j = 0; j < 100 && !out.some((p) => p.line === line); j++) put(line, (j + 0.5) / 100);
    }
    return out;
  }
  function drawMarks(c, lines, y) {
    if (!lines.length) return;
    c.textAlign = "center";
    for (const place2 of markPlaces(lines, y)) {
      const mark = place2.line.mark || "", w = 7 + 7 * mark.length;
      c.fillStyle = INKS.paper;
      c.fillRect(place2.x - w / 2, place2.y - 7, w, 14);
      c.strokeStyle = INKS[place2.line.ink];
      c.lineWidth = 1.5;
      c.strokeRect(place2.x - w / 2, place2.y - 7, w, 14);
      c.fillStyle = INKS.text;
      c.fillText(mark, place2.x, place2.y + 0.5);
    }
  }
  function drawGrid(c, h) {
    c.lineWidth = 1;
    c.strokeStyle = INKS.faint;
    c.beginPath();
    for (const t of ticks()) {
      c.moveTo(Math.round(t.x) + 0.5, 0);
      c.lineTo(Math.round(t.x) + 0.5, h);
    }
    c.stroke();
  }

  // script/spans.js
  function spansTrack(rows, none) {
    const track = {
      ...newTrack(),
      height: rows.length * 26 + 6,
      draw(width) {
        const c = surface(track.canvas, width, track.height);
        drawGrid(c, track.height);
        rows.forEach((row, k) => drawRow(c, row, 4 + k * 26));
      },
      legendOf() {
        fill(track.legend);
      },
      read(t) {
        const said = rows.map((r) => {
          const s = r.spans.find((x) => x.from <= t && (t < x.to || x.to >= run.end));
          return `${r.name}: ${s ? s.text : none}`;
        });
        const text = said.slice(0, 4).join(" · ") + (said.length > 4 ? " …" : "");
        if (text !== track.legend.textContent) track.legend.textContent = text;
      }
    };
    return track;
  }
  function drawRow(c, row, y) {
    const right = axis.left + axis.width;
    c.textAlign = "right";
    c.fillStyle = INKS.text;
    if (!diagram.narrow) c.fillText(clip(c, row.name, axis.left - 14), axis.left - 8, y + 10);
    c.save();
    c.beginPath();
    c.rect(axis.left, y - 2, axis.width, 26);
    c.clip();
    c.textAlign = "left";
    for (const s of row.spans) {
      const from = Math.max(axis.left - 4, axis.xOf(s.from)), to = Math.min(right + 4, axis.xOf(s.to));
      if (to < axis.left || from > right) continue;
      const w = Math.max(2, to - from);
      drawSpan(c, s, from, y, w);
      const text = diagram.narrow ? `${row.name}: ${s.text}` : s.text;
      if (w > 44) halo(c, clip(c, text, w - 12), Math.max(from, axis.left) + 6, y + 10.5, INKS.text);
    }
    c.restore();
  }
  function drawSpan(c, s, x, y, w) {
    const tall = 20 / Math.max(1, s.inks.length), ink = s.inks.length === 1 ? INKS[s.inks[0]] : INKS.grey;
    c.fillStyle = INKS.faint;
    if (!s.inks.length) c.fillRect(x, y, w, 20);
    c.globalAlpha = 0.38;
    s.inks.forEach((name, k) => {
      c.fillStyle = INKS[name];
      c.fillRect(x, y + k * tall, w, tall);
    });
    c.globalAlpha = 1;
    if (s.hatched) hatched(c, x, y, w, 20, INKS.dim);
    c.strokeStyle = ink;
    if (s.striped) {
      c.setLineDash([4, 3]);
      c.lineWidth = 2;
      c.beginPath();
      for (const edge of [y + 3, y + 17]) {
        c.moveTo(x + 2, edge);
        c.lineTo(x + w - 2, edge);
      }
      c.stroke();
      c.setLineDash([]);
    }
    c.lineWidth = 1.2;
    c.strokeRect(x + 0.5, y + 0.5, w - 1, 19);
  }

  // script/terms.js
  var finder = { words: /$^/g, of: (
    /** @type {Map<string, Term>} */
    /* @__PURE__ */ new Map()
  ) };
  function learnTerms(terms) {
    const of = /* @__PURE__ */ new Map();
    for (const t of terms) for (const form of t.forms) of.set(form.toLowerCase(), t);
    const forms = [...of.keys()].sort((a, b) => b.length - a.length).map((f) => f.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    finder = { of, words: forms.length ? new RegExp(`(^|[^\\w.-])(${forms.join("|")})(?![\\w-])`, "gi") : /$^/g };
  }
  function pieces(text) {
    const out = [], seen = /* @__PURE__ */ new Set();
    let from = 0;
    finder.words.lastIndex = 0;
    for (let m = finder.words.exec(text); m; m = finder.words.exec(text)) {
      const term = finder.of.get(m[2].toLowerCase()), at = m.index + m[1].length;
      if (!term || seen.has(term)) continue;
      seen.add(term);
      if (at > from) out.push({ text: text.slice(from, at) });
      out.push({ text: m[2], means: term.means });
      from = at + m[2].length;
    }
    if (from < text.length) out.push({ text: text.slice(from) });
    return out;
  }
  function marked(text) {
    return pieces(text).map((p) => p.means ? el("abbr", { class: "term", tabindex: "0", "data-means": p.means }, p.text) : p.text);
  }
  function listenTerms() {
    for (const e of every("abbr.term[title]")) {
      e.dataset.means = e.title;
      e.removeAttribute("title");
    }
    const tip = $("term-tip");
    const of = (e) => (
      /** @type {HTMLElement | null} */
      /** @type {Element} */
      e.target.closest?.("abbr.term")
    );
    let shown = null;
    const hide = () => {
      tip.hidden = true;
      shown = null;
      for (const e of every("abbr[aria-describedby]")) e.removeAttribute("aria-describedby");
    };
    const show = (term) => {
      hide();
      tip.textContent = term.dataset.means || "";
      tip.hidden = false;
      shown = term;
      term.setAttribute("aria-describedby", tip.id);
      place2(term);
    };
    const place2 = (term) => {
      const at = term.getBoundingClientRect();
      tip.style.maxWidth = `${Math.min(340, window.innerWidth - 16)}px`;
      tip.style.left = `${Math.max(8, Math.min(at.left, window.innerWidth - tip.offsetWidth - 8))}px`;
      const below = at.bottom + 6 + tip.offsetHeight < window.innerHeight;
      tip.style.top = `${below ? at.bottom + 6 : at.top - tip.offsetHeight - 6}px`;
    };
    for (const event of ["mouseover", "focusin", "click"]) {
      document.addEventListener(event, (e) => {
        const term = of(e);
        if (term) show(term);
        else if (event === "click") hide();
      });
    }
    document.addEventListener("mouseout", (e) => {
      if (of(e) && of(e) !== document.activeElement) hide();
    });
    document.addEventListener("focusout", hide);
    document.addEventListener("scroll", () => {
      if (shown) place2(shown);
    }, { passive: true });
    document.addEventListener("keydown", (e) => {
      if (e.key === "Escape") hide();
    });
  }

  // script/tracks.js
  var tracks = [];
  function buildTracks(run2) {
    const d = run2.d;
    if (d.offsets?.length) addOffsets(run2);
    const led = (d.leaders || []).filter((l) => !isInternal(run2, l.partition));
    if (led.length) addLeaders(run2, led);
    if (d.owners?.length) addOwners(run2, d.owners);
    addRates(run2);
    if (d.lag?.length) addLag(run2);
  }
  function lookOf(run2, id) {
    const lane = run2.lanes.find((l) => l.id === id);
    return { ink: lane?.ink || "grey", round: lane?.round || 0 };
  }
  function addTrack(id, title, about, track, chooser = "") {
    const head2 = el("div", { class: "head" }, el("h3", {}, title), chooser, track.legend);
    const section = el(
      "section",
      { class: "track", id: `track-${id}`, "aria-label": title },
      head2,
      track.canvas,
      el("p", { class: "about" }, ...marked(about))
    );
    $("tracks").append(section);
    tracks.push(track);
  }
  var WHATS = {
    "log-end": "log end",
    "high-watermark": "high watermark",
    "last-stable": "last stable offset",
    "log-start": "log start",
    committed: "committed"
  };
  var COMMITTED = [[9, 3, 2, 3], [4, 3], [2, 2]];
  function offsetLines(run2, o) {
    const drawn2 = o.lines.filter((l) => l.at.length);
    const ends = drawn2.filter((l) => l.what === "log-end").length, inside = Math.min(1.95, 9 / Math.max(1, ends - 1));
    const of = (what) => drawn2.filter((l) => l.what === what);
    return drawn2.map((l) => {
      const k = of(l.what).indexOf(l), n = of(l.what).length, group = run2.d.groups.find((g) => g.name === l.group);
      const look = group || lookOf(run2, l.node);
      const base = {
        name: `${l.group ? `group ${l.group}` : l.node || l.name} ${WHATS[l.what] || l.what}`,
        ink: look.ink,
        at: undelta(l.at),
        value: undelta(l.value),
        behind: Boolean(l.group),
        dash: (
          /** @type {number[]} */
          []
        ),
        thick: 2
      };
      switch (l.what) {
        case "log-end":
          return { ...base, thick: 1.6 + (ends - 1 - k) * inside, dash: look.round ? [12, 3] : [] };
        case "high-watermark":
          return { ...base, dash: [3, 6 * n - 3], phase: -6 * k, thick: 2.4 };
        case "last-stable":
          return { ...base, dash: [10, 4] };
        case "log-start":
          return { ...base, dash: [1, 6] };
        default:
          return { ...base, dash: COMMITTED[look.round % 3], mark: group?.mark };
      }
    });
  }
  function addOffsets(run2) {
    const d = run2.d, all = d.offsets;
    const first = Math.max(0, all.findIndex((o) => !isInternal(run2, o.partition)));
    const made = /* @__PURE__ */ new Map();
    const linesOf = (k) => {
      if (!made.has(k)) made.set(k, offsetLines(run2, all[k]));
      return made.get(k);
    };
    let chooser = "";
    const track = stairsTrack(linesOf(first), (v) => String(Math.round(v)), 170, { whole: true });
    if (all.length > 1) {
      const select = el(
        "select",
        { id: "offsets-of", "aria-label": "Offsets of which partition" },
        ...all.map((o, k) => el("option", { value: String(k) }, o.partition))
      );
      select.value = String(first);
      select.addEventListener("change", () => {
        track.lines = linesOf(Number(select.value));
        run2.main = all[Number(select.value)].partition;
        track.legendOf();
        redraw();
      });
      chooser = select;
    }
    const title = all.length > 1 ? "Offsets of" : `Offsets of ${all[first].partition}`;
    const numbers = d.groups.length > 1 ? " A number on a line is that of its group." : "";
    addTrack("offsets", title, "A log end is one past the last record that a broker has. Consumers see records below the high watermark only: that far, every in-sync replica has the records. Lines that lie on each other differ in width; a line that stops belongs to a broker that is down." + numbers, track, chooser);
    track.legendOf();
  }
  function leaderRows(run2, l) {
    const broker = (id) => `broker-${id}`;
    const span = (s) => ({ from: s.from, to: s.to, inks: [lookOf(run2, broker(s.leader)).ink] });
    const led = (s) => {
      if (s.leader < 0) return { ...span(s), inks: [], hatched: true, text: "nobody leads" };
      if (s.dead) return { ...span(s), inks: [], hatched: true, text: `nobody: ${broker(s.leader)} is dead` };
      return { ...span(s), text: `${broker(s.leader)}, epoch ${s.epoch}` };
    };
    const rows = [{ name: l.partition + " led by", spans: l.spans.map(led) }];
    if (l.stale.length) {
      rows.push({ name: "leads on", spans: l.stale.map((s) => ({ ...span(s), hatched: true, text: `${broker(s.leader)}, epoch ${s.epoch}, has not heard` })) });
    }
    const isr = l.isr || [];
    if (isr.length) {
      rows.push({ name: "in sync", spans: isr.map((s, k) => ({
        from: s.at,
        to: k + 1 < isr.length ? isr[k + 1].at : run2.end,
        inks: s.isr.map((id) => lookOf(run2, broker(id)).ink),
        text: s.isr.length ? `${s.isr.length}: broker ${s.isr.join(", ")}` : "nobody",
        hatched: !s.isr.length
      })) });
    }
    return rows;
  }
  var LEADER_PARTITIONS = 12;
  function addLeaders(run2, led) {
    const rows = led.slice(0, LEADER_PARTITIONS).flatMap((l) => leaderRows(run2, l)), left = led.length - LEADER_PARTITIONS;
    const stale = led.some((l) => l.stale.length) ? " Coloured and hatched: a broker leads on that has not heard of the next leader." : "";
    addTrack(
      "leaders",
      "Leaders and in-sync replicas",
      "Who leads each partition, in which leader epoch, and which replicas the cluster counts as in sync (the ISR): only those may be elected, and acks=all waits for all of them. Grey and hatched: the leader is dead and no other is elected yet, or there is none; nothing can be written or read." + stale + (left > 0 ? ` ${left} further partitions are not drawn.` : ""),
      spansTrack(rows, "nobody")
    );
  }
  function addOwners(run2, groups) {
    const rows = groups.flatMap((g) => {
      const names = [...new Set(g.spans.map((s) => s.partition))].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
      return names.map((name) => ({
        name: (groups.length > 1 ? `${g.group}: ` : "") + (name || "owns nothing"),
        spans: g.spans.filter((s) => s.partition === name).map((s) => {
          const look = lookOf(run2, s.member);
          return {
            from: s.from,
            to: s.to,
            hatched: Boolean(s.dead),
            inks: s.dead ? [] : [look.ink],
            striped: look.round > 0,
            text: s.dead ? `nobody: ${s.member} is dead` : s.member
          };
        })
      }));
    });
    const title = groups.length > 1 ? "Owners in the groups" : `Owners in group ${groups[0].group}`;
    addTrack("owners", title, "Which member of the group reads which partition. A blank stretch means that nobody reads it. Grey and hatched: the owner is dead, and the group does not know yet.", spansTrack(rows, "nobody"));
  }
  var RATES = {
    acked: { name: "acknowledged", ink: "blue", thick: 2.6, dash: [] },
    read: { name: "read", ink: "purple", thick: 1.8, dash: [7, 3] },
    failed: { name: "failed", ink: "vermillion", thick: 2, dash: [2, 3] },
    unknown: { name: "outcome unknown", ink: "orange", thick: 2, dash: [4, 4] }
  };
  function addRates(run2) {
    const d = run2.d, every2 = d.rates?.every;
    const lines = (d.rates?.lines || []).filter((l) => l.counts.length).map((l) => {
      const look = RATES[l.what] || { name: l.name, ink: "grey", thick: 1.5, dash: [] };
      return {
        ...look,
        at: Float64Array.from(l.counts, (_, k) => k * every2),
        value: Float64Array.from(l.counts, (v) => v * 1e6 / every2)
      };
    });
    if (lines.length) {
      const track2 = stairsTrack(lines, (v) => `${v < 10 ? Number(v.toFixed(1)) : Math.round(v)}/s`, 110, { zero: true });
      addTrack("rates", "Throughput", `Records a second, counted over ${length(every2)}. A send counts when its outcome is known, a read when a poll returns it.`, track2);
      track2.legendOf();
    }
    const slow = [];
    for (const l of d.latency?.lines || []) {
      if (!l.at.length) continue;
      const at = undelta(l.at), until = d.latency.every;
      slow.push({ name: "p99", ink: "vermillion", thick: 1.8, dash: [6, 3], at, until, value: Float64Array.from(l.p99) });
      slow.push({ name: "p50", ink: "blue", thick: 2.6, dash: [], at, until, value: Float64Array.from(l.p50) });
    }
    if (!slow.length) return;
    const track = stairsTrack(slow, length, 110, { zero: true });
    addTrack("latency", "How long acknowledgements take", "From a send to its acknowledgement. Half of the sends take p50 at most, 99 of 100 take p99 at most. A gap: nothing was acknowledged.", track);
    track.legendOf();
  }
  var LAG_LINES = 12;
  function lagLines(run2) {
    const inks = run2.d.inks, many = run2.d.lag.length > 1;
    return run2.d.lag.slice(0, LAG_LINES).map((l, k) => ({
      name: `${l.group}, ${l.partition}`,
      ink: inks[k % inks.length],
      thick: many ? [3.4, 2.4, 1.6][k % 3] : 2.6,
      dash: k < inks.length ? [] : [6, 3],
      mark: many ? String(k + 1) : void 0,
      at: undelta(l.at),
      value: undelta(l.value)
    })).filter((l) => l.at.length);
  }
  function addLag(run2) {
    const lines = lagLines(run2), left = run2.d.lag.length - LAG_LINES;
    if (!lines.length) return;
    const track = stairsTrack(lines, (v) => String(Math.round(v)), 110, { zero: true, whole: true });
    addTrack("lag", "Lag of the groups", "How many records a group has not committed yet in each partition: the high watermark less the committed offset. Lag is a number for each partition; a sum hides the one that is stuck." + (lines.length > 1 ? " A number on a line is the one that it has above." : "") + (left > 0 ? ` ${left} further lines are not drawn.` : ""), track);
    track.legendOf();
  }

  // script/window.js
  function beforeVeil() {
    return run.veiled ? Math.min(run.end, run.veilFrom * 1.12) : run.end;
  }
  function showWhole(until) {
    axis.show(run, axis.even ? -1 : 0, axis.uOf(until));
  }
  function aroundStop(stop) {
    const at = axis.shown.at, t = stop.when;
    if (stop.tag === "silence" || !(stop.event >= 0)) {
      const span2 = Math.min(run.end, stop.tag === "silence" ? 12e6 : 2e6);
      const before = stop.tag === "silence" ? 0.75 : 0.25;
      const [a, b] = [axis.uOf(Math.max(0, t - span2 * before)), axis.uOf(Math.min(run.end, t + span2 * (1 - before)))];
      axis.show(run, a, b);
      return;
    }
    if (axis.even) {
      const u = axis.uOf(t);
      axis.show(run, u - 9, u + 22);
      return;
    }
    const near = nearestEvents(at, t, 7);
    let span = 800;
    for (const wider of [1e3, 1500, 2e3, 3e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7]) {
      if (span >= near * 1.8 || above(at, t + wider * 0.65) - above(at, t - wider * 0.35) > 40) break;
      span = wider;
    }
    const burst = burstAround(at, t);
    if (burst.times >= 3) {
      const need = Math.max((t - burst.from) / 0.32, (burst.to - t) / 0.6, 600);
      if (need < span || need < 4e3) span = need;
    }
    axis.show(run, t - span * 0.35, t + span * 0.65);
  }
  function burstAround(at, t) {
    const apart = 2e3, most = 60;
    let lo = above(at, t) - 1, hi = lo, times = 1;
    for (let n = 0; lo > 0 && at[lo] - at[lo - 1] <= apart && n < most; n++) times += Number(at[lo] > at[--lo]);
    for (let n = 0; hi >= 0 && hi + 1 < at.length && at[hi + 1] - at[hi] <= apart && n < most; n++) times += Number(at[hi] < at[++hi]);
    return { from: lo >= 0 ? at[lo] : t, to: hi >= 0 ? at[hi] : t, times };
  }
  function nearestEvents(at, t, n) {
    let lo = above(at, t) - 1, hi = lo + 1, far = 0;
    for (; n > 0 && (lo >= 0 || hi < at.length); n--) {
      const before = lo >= 0 ? t - at[lo] : Infinity, after = hi < at.length ? at[hi] - t : Infinity;
      if (before <= after) lo--;
      else hi++;
      if (Math.min(before, after) - far < 1) n++;
      else far = Math.min(before, after);
    }
    return far;
  }
  function intoView(t) {
    const u = axis.uOf(t), w = axis.u1 - axis.u0;
    if (u < axis.u0 + w * 0.05 || u > axis.u1 - w * 0.12) axis.show(run, u - w * 0.35, u + w * 0.65);
    redraw();
  }

  // script/words.js
  function laneName(run2, lane) {
    return lane >= 0 ? run2.lanes[lane].id : "the world";
  }
  function shortNames(text) {
    return text.replace(/-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "");
  }
  function describe(run2, i) {
    const s = run2.strings, api = s[run2.api[i]], peer = laneName(run2, run2.peer[i]);
    const text = shortNames(s[run2.text[i]]);
    switch (run2.sort[i]) {
      case FRAME:
        return run2.reply[i] ? `gets the answer to ${api} from ${peer}` : `gets ${api} from ${peer}`;
      case LOST:
        return `never gets ${run2.reply[i] ? "the answer to " : ""}${api} from ${peer}: lost`;
      case HELD:
        return `does not get ${run2.reply[i] ? "the answer to " : ""}${api} from ${peer}: held back`;
      case TIMER:
        return text ? `a timer fires: ${text}` : "a timer fires";
      case FLUSH:
        return text ? `a flush is done: ${text}` : "a flush to disk is done";
      case CONN:
        return (s[run2.kind[i]] === "conn-opened" ? `a connection with ${peer} is open` : `the connection with ${peer} is closed`) + (text ? `: ${text}` : "");
      case COMMAND:
        return `is told: ${text || "to go on"}`;
      case FAULT:
        return `${s[run2.kind[i]]}: ${text}`;
      default:
        return text || (s[run2.kind[i]] === "started" ? "starts" : s[run2.kind[i]]);
    }
  }
  function chain(run2, i) {
    const out = [];
    for (; i >= 0 && out.length < 1e5; i = run2.cause[i]) out.push(i);
    return out;
  }

  // script/arrows.js
  function drawEvents(run2, c, lo, hi, labels) {
    const list = [];
    for (let j = lo; j < hi; j++) list.push(axis.shown.events[j]);
    if (!axis.even) {
      const t1 = axis.span()[1];
      for (const i of axis.shown.long) {
        if (run2.sent[i] <= t1 && run2.at[i] > t1 && axis.shown.rank[i] >= hi) list.push(i);
      }
    }
    for (const i of list) place(run2, i);
    const crowd = diagram.hits.length;
    drawLines(run2, c, crowd);
    const marks = diagram.hits.filter((h) => h.mark);
    for (const h of marks) drawMark(run2, c, h);
    drawNames(run2, c, labels, crowd);
  }
  function place(run2, i) {
    const y1 = diagram.y[run2.lane[i]], x1 = axis.xEvent(run2, i);
    if (run2.lane[i] < 0 || y1 === void 0 || y1 < 0) return;
    if (run2.sort[i] > HELD || run2.peer[i] < 0 || diagram.y[run2.peer[i]] < 0) {
      diagram.hits.push({ i, mark: true, x0: x1, y0: y1, x1, y1 });
      return;
    }
    const x0 = axis.xSent(run2, i), y0 = diagram.y[run2.peer[i]];
    const h = { i, mark: false, x0, y0, x1, y1 };
    if (y0 === y1) h.bow = Math.min((rowOf(run2.lane[i])?.height || 0) * 0.42, 10 + (x1 - x0) * 0.2);
    if (run2.sort[i] !== FRAME) {
      const part = Math.min(0.62, 70 / Math.max(1, x1 - x0));
      h.x1 = x0 + (x1 - x0) * part;
      h.y1 = y0 + (y1 - y0) * 0.62;
      h.stopped = true;
    }
    diagram.hits.push(h);
  }
  function drawLines(run2, c, crowd) {
    const paths = /* @__PURE__ */ new Map();
    for (const h of diagram.hits) {
      if (h.mark) continue;
      const i = h.i, chosen = diagram.path.has(i);
      const key = h.stopped ? "stopped" : (chosen ? "chosen" : "") + run2.family[i] + (run2.reply[i] ? "r" : "");
      if (!paths.has(key)) paths.set(key, []);
      paths.get(key).push(h);
    }
    const heads = crowd < 420, width = crowd > 300 ? 1 : 1.5;
    for (const [key, hits] of paths) {
      const chosen = key.startsWith("chosen"), stopped = key === "stopped";
      const reply = key.endsWith("r"), family = run2.families[Number(key.replace(/\D/g, ""))];
      const ink = stopped ? INKS.bad : INKS[family.ink];
      c.strokeStyle = c.fillStyle = ink;
      c.lineWidth = chosen ? 3.5 : width;
      c.globalAlpha = !chosen && !stopped && (diagram.path.size > 0 || crowd > 300) ? 0.55 : 1;
      c.setLineDash(reply ? [5, 3] : []);
      c.beginPath();
      for (const h of hits) {
        c.moveTo(h.x0, h.y0);
        if (h.bow) c.quadraticCurveTo((h.x0 + h.x1) / 2, h.y0 - 2 * h.bow, h.x1, h.y1);
        else c.lineTo(h.x1, h.y1);
      }
      c.stroke();
      c.setLineDash([]);
      if (stopped) for (const h of hits) cross(c, h.x1, h.y1, INKS.bad);
      else if (heads || chosen) for (const h of hits) head(c, h, reply, chosen ? 9 : 7);
    }
    c.globalAlpha = 1;
  }
  function head(c, h, open, size) {
    const a = h.bow ? Math.atan2(2 * h.bow, (h.x1 - h.x0) / 2) : Math.atan2(h.y1 - h.y0, h.x1 - h.x0);
    const p = (turn) => [h.x1 - size * Math.cos(a + turn), h.y1 - size * Math.sin(a + turn)];
    const [ax, ay] = p(0.42), [bx, by] = p(-0.42);
    c.beginPath();
    c.moveTo(ax, ay);
    c.lineTo(h.x1, h.y1);
    c.lineTo(bx, by);
    if (open) {
      c.lineWidth = 1.5;
      c.stroke();
    } else {
      c.closePath();
      c.fill();
    }
  }
  function drawMark(run2, c, h) {
    const { i, x1: x, y1: y } = h, sort = run2.sort[i], chosen = diagram.path.has(i);
    c.lineWidth = 1.5;
    c.strokeStyle = c.fillStyle = INKS.dim;
    c.beginPath();
    switch (sort) {
      case TIMER:
        c.arc(x, y, 4, 0, 7);
        c.moveTo(x, y - 2.5);
        c.lineTo(x, y);
        c.lineTo(x + 2, y);
        c.stroke();
        break;
      case FLUSH:
        c.fillRect(x - 3.5, y - 3.5, 7, 7);
        break;
      case CONN:
        c.arc(x, y, 3.5, 0, 7);
        c.stroke();
        if (run2.strings[run2.kind[i]] === "conn-closed") {
          c.beginPath();
          c.moveTo(x - 3, y + 3);
          c.lineTo(x + 3, y - 3);
          c.stroke();
        }
        break;
      case COMMAND:
        c.moveTo(x - 4, y - 5);
        c.lineTo(x + 5, y);
        c.lineTo(x - 4, y + 5);
        c.fillStyle = INKS.text;
        c.fill();
        break;
      case FAULT:
        c.moveTo(x - 6, y + 5);
        c.lineTo(x, y - 7);
        c.lineTo(x + 6, y + 5);
        c.closePath();
        c.fillStyle = run2.strings[run2.kind[i]] === "heal" ? INKS.ok : INKS.bad;
        c.fill();
        break;
      default:
        c.moveTo(x, y - 6);
        c.lineTo(x + 6, y);
        c.lineTo(x, y + 6);
        c.lineTo(x - 6, y);
        c.closePath();
        c.fillStyle = INKS.accent;
        c.fill();
        c.strokeStyle = INKS.paper;
        c.lineWidth = 1;
        c.stroke();
    }
    if (!chosen) return;
    c.beginPath();
    c.arc(x, y, 10, 0, 7);
    c.lineWidth = 2.5;
    c.strokeStyle = INKS.accent;
    c.stroke();
  }
  function drawNames(run2, c, labels, crowd) {
    c.font = FONT;
    c.textAlign = "left";
    const right = axis.left + axis.width;
    if (diagram.narrow) for (const row of diagram.rows) labels.free(0, row.top, 120, 20);
    for (const h of diagram.hits) if (h.mark && run2.sort[h.i] >= COMMAND) labels.free(h.x1 - 6, h.y1 - 5, 12, 10);
    const rank = (h) => diagram.path.has(h.i) ? 0 : h.stopped || run2.trouble[h.i] ? 1 : h.mark ? run2.sort[h.i] === COMMAND ? 4 : run2.sort[h.i] > COMMAND ? 2 : 6 : run2.reply[h.i] ? 5 : 3;
    const order = diagram.hits.slice().sort((a, b) => rank(a) - rank(b) || a.i - b.i);
    let tried = 0;
    for (const h of order) {
      const name = nameOf(run2, h, crowd);
      if (!name || tried++ > 500 || run2.veiled && run2.at[h.i] >= run2.veilFrom) continue;
      const ink = h.stopped || run2.trouble[h.i] ? INKS.bad : h.mark ? INKS.text : INKS[run2.families[run2.family[h.i]].ink];
      if (h.mark) {
        const text = clip(c, name, 300), w2 = widthOf(c, text);
        const x = h.x1 + 9 + w2 > right ? h.x1 - 9 - w2 : h.x1 + 9;
        for (const dy of [-11, 12, -24, 25]) {
          if (x < axis.left || !labels.free(x, h.y1 + dy - 6, w2 + 4, 12)) continue;
          halo(c, text, x, h.y1 + dy, ink);
          diagram.places.push({ x, y: h.y1 + dy - 7, w: w2, h: 14, event: h.i });
          break;
        }
        continue;
      }
      const w = widthOf(c, name);
      for (const part of [0.5, 0.36, 0.64, 0.24, 0.76]) {
        const x = h.x0 + (h.x1 - h.x0) * part + 5, y = h.y0 + (h.y1 - h.y0) * part - (h.bow || 0) - (h.bow ? 4 : 0);
        if (x < axis.left || x + w > right || !labels.free(x - 2, y - 6, w + 6, 12)) continue;
        halo(c, name, x, y, ink);
        diagram.places.push({ x, y: y - 7, w, h: 14, event: h.i });
        break;
      }
    }
  }
  function nameOf(run2, h, crowd) {
    const i = h.i, api = run2.strings[run2.api[i]], text = run2.strings[run2.text[i]];
    if (h.mark && run2.sort[i] === COMMAND) return text.replace(/^send .*?value="([^"]*)".*$/, 'send "$1"');
    if (h.mark && run2.sort[i] === FAULT && run2.flags.some((f) => f.at === run2.at[i])) return "";
    if (h.mark) return run2.sort[i] >= COMMAND ? describe(run2, i) : "";
    if (h.stopped) return `${run2.sort[i] === LOST ? "lost" : "held"}: ${api}${run2.reply[i] ? " (answer)" : ""}`;
    if (run2.trouble[i]) return text.match(TROUBLE)?.[0] || "";
    if (run2.reply[i] && crowd > 60) return "";
    const records = api === "Produce" && text.match(/"[^"]{1,12}"/);
    const tail = run2.reply[i] ? (text.match(/offset \d+/) || [""])[0] : "";
    return [run2.reply[i] ? "answer" : api, records && !run2.reply[i] ? records[0] : tail].filter(Boolean).join(" ");
  }
  function placeAt(x, y) {
    const near = 2;
    return diagram.places.findLast((p) => x >= p.x - near && x <= p.x + p.w + near && y >= p.y - near && y <= p.y + p.h + near) || null;
  }
  function chosenAt(x, y) {
    const place2 = placeAt(x, y);
    if (place2 && (place2.event >= 0 || place2.stop !== void 0)) return place2;
    const hit = nearest(x, y);
    return hit && { x, y, w: 0, h: 0, event: hit.i };
  }
  function nearest(x, y) {
    let best = null, closest = 10;
    for (const h of diagram.hits) {
      const dx = h.x1 - h.x0, dy = h.y1 - h.y0, l = dx * dx + dy * dy;
      const p = l === 0 ? 0 : Math.max(0, Math.min(1, ((x - h.x0) * dx + (y - h.y0) * dy) / l));
      const rise = h.bow ? 4 * h.bow * p * (1 - p) : 0;
      const d = Math.hypot(x - h.x0 - p * dx, y + rise - h.y0 - p * dy) - (h.mark ? 3 : 0);
      if (d < closest) {
        closest = d;
        best = h;
      }
    }
    return best;
  }

  // script/detail.js
  function showDetail() {
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
      fill(panel, el("h3", {}, "Look closer"), el("p", { class: "note" }, "Choose an arrow or a mark to see the request, what the node knew then, and what led to it. Choose a node's name to watch what it knows."));
    }
  }
  function eventBefore(t) {
    return above(run.at, t) - 1;
  }
  function eventDetail(i) {
    const out = [], s = run.strings, sort = run.sort[i], lane = run.lane[i];
    if (sort <= HELD) {
      const version = run.version[i] >= 0 ? `, version ${run.version[i]}` : "";
      out.push(el("h3", {}, `${s[run.api[i]]}${version}: ${run.reply[i] ? "answer" : "request"}`));
      out.push(el("p", { class: "route" }, `${laneName(run, run.peer[i])} → ${laneName(run, lane)}`));
      if (s[run.text[i]]) out.push(el("p", { class: "fields" }, s[run.text[i]]));
      const rows = (
        /** @type {[string, string][]} */
        [["sent", clock(run.sent[i])]]
      );
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
  function facts(rows) {
    return el("table", { class: "facts" }, el("tbody", {}, ...rows.map(([k, v]) => el("tr", {}, el("th", { scope: "row" }, k), el("td", { class: "num" }, v)))));
  }
  function nodeDetail(lane, event, t, after) {
    const id = laneName(run, lane), rows = stateAt(run, lane, event);
    const title = after ? `What ${id} knows then` : `What ${id} knows at ${clock(t)}`;
    const out = [el("h4", {}, title)];
    const down = run.d.bands.find((b) => b.lane === lane && b.kind === "down" && b.from <= t && t < b.to);
    if (down) out.push(el("p", { class: "bad" }, "✗ It is down. What it held in memory is gone."));
    if (!rows.length) return [...out, el("p", { class: "note" }, "Nothing worth telling.")];
    rows.sort((a, b) => Number(b.changed) - Number(a.changed) || Number(isInternal(run, a.key)) - Number(isInternal(run, b.key)));
    const line = (r) => el(
      "tr",
      { class: r.changed ? "changed" : "" },
      el("th", { scope: "row" }, ...marked(r.key)),
      el("td", {}, r.value || "no longer known", r.changed ? el("small", {}, r.was ? `changed, was ${r.was}` : "new") : "")
    );
    const near = rows.filter((r) => r.changed || !isInternal(run, r.key)), far = rows.filter((r) => !near.includes(r));
    const table = (list) => el("table", { class: "facts state" }, el("tbody", {}, ...list.map(line)));
    const most = near.slice(0, 40);
    if (most.length) out.push(table(most));
    if (near.length > most.length) out.push(el("p", { class: "note" }, `and ${near.length - most.length} more`));
    if (far.length) {
      const more = el("details", {}, el("summary", {}, `${far.length} values of internal topics`));
      more.addEventListener("toggle", () => {
        if (more.open && more.children.length < 2) more.append(table(far));
      });
      out.push(more);
    }
    return out;
  }
  var CHAIN_ROWS = 12;
  function chainDetail(i) {
    const events = chain(run, i);
    const item = (k) => el("li", {}, el(
      "button",
      { type: "button", onclick: () => {
        choose(k);
        intoView(view.t);
      } },
      el("span", { class: "when" }, clock(run.at[k])),
      ` ${laneName(run, run.lane[k])} ${describe(run, k)}`
    ));
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
  function choose(i) {
    halt();
    view.event = i;
    view.lane = -1;
    view.picked = true;
    view.t = run.at[i];
    selected();
    redraw();
    $("live").textContent = `${clock(run.at[i])} ${laneName(run, run.lane[i])} ${describe(run, i)}`;
  }
  function selected() {
    diagram.path = new Set(view.event >= 0 ? chain(run, view.event).slice(0, 200) : []);
    showDetail();
    for (const b of every("#lanes button")) {
      b.setAttribute("aria-pressed", String(Number(b.dataset.lane) === view.lane));
    }
  }
  function showTip(x, y, pageX, pageY) {
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
  function stopTip(k) {
    const stop = k === void 0 ? null : run.stops[k];
    return stop && [`Step ${Number(k) + 1}`, `${stop.where} ${stop.what}`, clock(stop.when)];
  }
  function arrowTip(chosen) {
    if (!chosen) return null;
    const i = chosen.event, s = run.strings;
    if (run.sort[i] > HELD) return [`${laneName(run, run.lane[i])} ${describe(run, i)}`, clock(run.at[i])];
    const version = run.version[i] >= 0 ? ` version ${run.version[i]}` : "";
    const fate = run.sort[i] === FRAME ? `on its way for ${length(run.at[i] - run.sent[i])}` : run.sort[i] === LOST ? "never arrives: lost" : "does not arrive: held back";
    return [
      `${s[run.api[i]]}${version}, ${run.reply[i] ? "answer" : "request"}`,
      s[run.text[i]],
      `${laneName(run, run.peer[i])} → ${laneName(run, run.lane[i])}, sent ${clock(run.sent[i])}, ${fate}`
    ].filter(Boolean);
  }
  function heapTip(x, y) {
    const lane = rowAt(y)?.lane;
    const b = Math.floor((x - axis.left) / BUCKET);
    if (lane === void 0 || b < 0 || b >= diagram.columns) return null;
    const from = axis.tOf(axis.atX(axis.left + b * BUCKET)), to = axis.tOf(axis.atX(axis.left + (b + 1) * BUCKET));
    const counts = run.families.map((f, k) => [f.name, diagram.counts[(lane * diagram.columns + b) * run.families.length + k]]);
    const said = counts.filter(([, n]) => n).map(([name, n]) => `${name} ${n}`);
    if (!said.length) return null;
    return [
      `${laneName(run, lane)} gets: ${said.join(", ")}`,
      `within ${length(to - from)} from ${clock(from, 3)} on`,
      "Too many to tell apart here: zoom in."
    ];
  }

  // script/steps.js
  function unveil() {
    run.veiled = false;
    document.documentElement.classList.remove("veiled");
    redraw();
  }
  function goStop(k) {
    if (!run.stops.length) return;
    k = Math.max(0, Math.min(run.stops.length - 1, k));
    if (run.veiled && k > run.ask) unveil();
    const stop = run.stops[k];
    run.stop = k;
    halt();
    view.event = stop.event;
    view.lane = -1;
    view.picked = false;
    view.t = stop.when;
    if (stop.ask || stop.answer) showWhole(stop.ask ? beforeVeil() : run.end);
    else aroundStop(stop);
    selected();
    sayStop();
    redraw();
  }
  function sayStop() {
    const stop = run.stops[run.stop], lesson = run.d.lesson, n = run.stops.length;
    $("progress").textContent = n ? run.stop < 0 ? `${n} steps` : `step ${run.stop + 1} of ${n}` : "no steps";
    const ask = run.veiled;
    document.documentElement.classList.toggle("veiled", ask);
    $("ask").hidden = !lesson.question;
    placeQuestion(ask);
    $("ask-heading").textContent = ask ? "Predict before you look" : "The question";
    $("question").textContent = ask ? (lesson.choices.length ? "Choose an answer. " : "Decide what will happen, and say it aloud or write it down. ") + "Then walk up to the deciding moment, or reveal it at once." : lesson.question;
    sayChoices(ask);
    $("answer").hidden = ask || !lesson.answer;
    $("reveal-row").hidden = !ask;
    $("ask").classList.toggle("now", Boolean(stop?.ask && ask));
    if (!stop) {
      fill(
        $("say"),
        ...lesson.why.map((text) => el("p", { class: "situation" }, ...marked(text))),
        el("p", {}, !n ? "Nothing stands out in this run. Drag in the strip to look around." : "Next, or →, goes through the run step by step. Nothing moves by itself.")
      );
    } else if (stop.ask) {
      fill(
        $("say"),
        el("p", { class: "what" }, ask ? "Here it is decided. What happens next?" : "From here on it was decided."),
        el("p", { class: "lesson" }, ...marked(lesson.question)),
        ask ? el("p", { class: "note" }, "Next reveals it.") : ""
      );
    } else if (stop.answer) {
      fill(
        $("say"),
        el("p", { class: "what" }, "Compare the answer with what you predicted:"),
        el("p", { class: "lesson" }, ...marked(lesson.answer)),
        el(
          "p",
          { class: "row" },
          el("button", { type: "button", onclick: () => showTab("verdict") }, "What the checks found"),
          lesson.knob ? el("button", { type: "button", onclick: () => showTab("again") }, "Change one thing") : "",
          lesson.next?.href ? el("a", { href: lesson.next.href }, `Next lesson: ${lesson.next.name}`) : ""
        )
      );
    } else {
      fill(
        $("say"),
        el(
          "p",
          { class: "what" },
          el("span", { class: "when" }, clock(stop.when)),
          " ",
          el("b", {}, stop.where || ""),
          ` ${stop.what}`,
          " ",
          el("span", { class: "chip" }, stop.tag || "")
        ),
        stop.say ? el("p", { class: "lesson" }, ...marked(stop.say)) : ""
      );
    }
    field("prev").disabled = run.stop <= 0;
    field("next").disabled = n === 0 || run.stop === n - 1;
    for (const b of every("#stops button")) {
      b.setAttribute("aria-current", Number(b.dataset.stop) === run.stop ? "step" : "false");
      b.parentElement.hidden = ask && Number(b.dataset.stop) > run.ask;
    }
  }
  function sayChoices(open) {
    const choices = run.d.lesson.choices;
    $("choices").hidden = choices.length === 0;
    fill($("choices"), ...choices.map((c, k) => el("button", {
      type: "button",
      "aria-pressed": String(k === run.chosen),
      disabled: open ? void 0 : "",
      class: open ? "" : c.right ? "right" : k === run.chosen ? "wrong" : "",
      onclick: () => {
        run.chosen = k;
        sayChoices(open);
        $("choices").children[k].focus();
      }
    }, c.text + (open ? "" : c.right ? " ✓" : k === run.chosen ? " ✗" : ""))));
  }
  function placeQuestion(open) {
    const home = open ? $("lead") : $("side");
    if ($("ask").parentElement !== home) home.prepend($("ask"));
  }
  function buildStopList() {
    fill($("stops"), ...run.stops.map((s, k) => el("li", {}, el("button", {
      type: "button",
      "data-stop": String(k),
      onclick: () => goStop(k)
    }, s.ask ? "The question" : s.answer ? "The answer" : `${clock(s.when, 3)} ${s.where} ${s.what}`))));
  }
  function goEvent(by) {
    const s = axis.shown;
    let k = view.event >= 0 && s.rank[view.event] >= 0 ? s.rank[view.event] + by : by > 0 ? above(s.at, view.t) : above(s.at, view.t - 0.5) - 1;
    k = Math.max(0, Math.min(s.events.length - 1, k));
    if (!s.events.length || run.veiled && s.at[k] >= run.veilFrom) return;
    choose(s.events[k]);
    intoView(view.t);
  }
  function scrub(t, follow) {
    halt();
    const limit = run.veiled ? run.veilFrom - 1 : run.end;
    view.t = Math.max(0, Math.min(limit, t));
    if (view.event >= 0) {
      view.event = -1;
      selected();
    }
    const k = run.stops.findLastIndex((s) => s.at !== void 0 && s.at <= view.t);
    if (k !== run.stop) {
      run.stop = k;
      sayStop();
    }
    if (follow) intoView(view.t);
    redraw();
  }

  // script/overview.js
  var overview = {
    /** @type {HTMLCanvasElement} */
    canvas: (
      /** @type {any} */
      null
    ),
    // set before anything is drawn
    width: 0,
    height: 58,
    heaps: new Float64Array(0),
    /** @type {Shown | null} */
    shown: null,
    // what the heaps are of
    /** @type {[number, number][]} */
    places: []
    // where the numbers of the stops stand
  };
  function heapsOf(run2, width) {
    const heaps = new Float64Array(Math.ceil(width / 2) + 1), at = axis.shown.at;
    for (let j = 0; j < at.length; j++) heaps[Math.floor(at[j] / run2.end * width / 2)]++;
    let most = 1;
    for (const n of heaps) if (n > most) most = n;
    for (let k = 0; k < heaps.length; k++) heaps[k] = Math.log2(1 + heaps[k]) / Math.log2(1 + most);
    return heaps;
  }
  function drawOverview(run2, width, t) {
    overview.height = width < 640 ? 46 : 58;
    const h = overview.height, c = surface(overview.canvas, width, h), x = (at) => at / run2.end * width;
    if (overview.width !== width || overview.shown !== axis.shown) {
      overview.heaps = heapsOf(run2, width);
      overview.width = width;
      overview.shown = axis.shown;
    }
    for (const b of run2.d.bands) {
      c.fillStyle = INKS[b.kind];
      c.fillRect(x(b.from), 0, Math.max(2, x(b.to) - x(b.from)), h - 8);
    }
    c.fillStyle = INKS.grey;
    c.globalAlpha = 0.5;
    for (let k = 0; k < overview.heaps.length; k++) {
      const tall = overview.heaps[k] * 24;
      if (tall) c.fillRect(k * 2, h - 8 - tall, 1.6, tall);
    }
    c.globalAlpha = 1;
    if (run2.veiled) {
      c.fillStyle = INKS.card;
      c.fillRect(x(run2.veilFrom), 0, width, h - 8);
      hatched(c, x(run2.veilFrom), 0, width - x(run2.veilFrom), h - 8, INKS.grey);
      c.textAlign = "center";
      c.font = FONT;
      const middle = (x(run2.veilFrom) + width) / 2;
      if (width - x(run2.veilFrom) > 150) halo(c, "hidden until you reveal it", middle, h / 2 - 4, INKS.dim);
    }
    const [t0, t1] = axis.span(), w = Math.max(4, x(t1) - x(t0));
    if (t1 - t0 < run2.end * 0.98) {
      c.fillStyle = INKS.accent;
      c.globalAlpha = 0.16;
      c.fillRect(x(t0), 0, w, h - 8);
      c.globalAlpha = 1;
      c.strokeStyle = INKS.accent;
      c.lineWidth = 1.5;
      c.strokeRect(x(t0) + 0.5, 0.75, w, h - 9);
    }
    c.fillStyle = INKS.bad;
    c.fillRect(Math.min(width - 2, Math.max(0, x(t) - 1)), 0, 2, h - 4);
    drawStrip(run2, c, x, h);
  }
  function drawStrip(run2, c, x, h) {
    c.font = FONT;
    c.textAlign = "center";
    let last = -1e9;
    overview.places = [];
    run2.stops.forEach((stop, k) => {
      if (stop.at === void 0 || run2.veiled && stop.at >= run2.veilFrom) return;
      const at = Math.min(Math.max(x(stop.at), 9), overview.width - 9), now = k === run2.stop;
      overview.places.push([at, k]);
      c.fillStyle = INKS.accent;
      c.fillRect(at - 1, h - 12, 2, 6);
      if (at - last < 17 && !now) return;
      c.beginPath();
      c.arc(at, 11, 9, 0, 7);
      c.fillStyle = now ? INKS.accent : INKS.paper;
      c.fill();
      c.strokeStyle = INKS.accent;
      c.lineWidth = 1.3;
      c.stroke();
      c.fillStyle = now ? INKS.paper : INKS.accent;
      c.fillText(String(k + 1), at, 11.5);
      last = at;
    });
  }
  function listenOverview(run2) {
    const canvas = overview.canvas;
    const to = (e) => {
      const box = canvas.getBoundingClientRect();
      return Math.max(0, Math.min(1, (e.clientX - box.left) / box.width)) * run2.end;
    };
    canvas.addEventListener("pointerdown", (e) => {
      canvas.setPointerCapture(e.pointerId);
      const box = canvas.getBoundingClientRect(), x = e.clientX - box.left, y = e.clientY - box.top;
      const hit = y < 24 ? overview.places.find(([at]) => Math.abs(at - x) < 9) : null;
      if (hit) goStop(hit[1]);
      else scrub(to(e), true);
    });
    canvas.addEventListener("pointermove", (e) => {
      if (e.buttons & 1) scrub(to(e), true);
    });
  }

  // script/stops.js
  function buildStops(run2) {
    const { moments, steps, lesson } = run2.d;
    const stops = steps.map((s) => moments[s]).map((m) => ({ ...m, when: m.at, event: eventSaying(run2, m) }));
    run2.stop = -1;
    run2.veiled = false;
    run2.veilFrom = Infinity;
    if (lesson.question) {
      const deciding = Math.min(Math.max(run2.d.deciding, 0), stops.length);
      const at = stops.length ? stops[Math.min(deciding, stops.length - 1)].when : 0;
      run2.veilFrom = at;
      stops.splice(deciding, 0, { ask: true, event: -1, when: Math.max(0, at - 1) });
      run2.ask = deciding;
      if (lesson.answer) stops.push({ answer: true, event: -1, when: run2.end });
    }
    run2.stops = stops;
  }
  function eventSaying(run2, m) {
    if (!(m.event >= 0)) return -1;
    const said = m.what.split("; and ")[0];
    for (let i = above(run2.at, m.at - 0.5); i < run2.n && run2.at[i] === m.at; i++) {
      if (run2.lane[i] === run2.lane[m.event] && shortNames(run2.strings[run2.text[i]]) === said) return i;
    }
    return m.event;
  }
  function eventAt(run2, at, lane) {
    let best = -1;
    for (let i = above(run2.at, at - 0.5); i < run2.n && run2.at[i] === at; i++) {
      const own = run2.lane[i] === lane || lane < 0;
      if (run2.sort[i] === FAULT && own) return i;
      if (run2.sort[i] === NOTE && (best < 0 || own && run2.lane[best] !== lane)) best = i;
    }
    return best;
  }
  function buildFlags(run2) {
    const flags = run2.d.marks.slice();
    if (!flags.some((f) => f.kind === "rebalance")) {
      for (let i = 0; i < run2.n; i++) {
        if (run2.strings[run2.kind[i]] !== "rebalance-started") continue;
        flags.push({ at: run2.at[i], kind: "rebalance", label: "rebalance", lane: run2.lane[i] });
      }
    }
    run2.flags = flags.sort((a, b) => a.at - b.at);
  }

  // script/link.js
  function linkOf() {
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
  function openLink(hash) {
    const text = hash.replace(/^#/, "");
    if (!text) return false;
    if ($(`tab-${text}`)) {
      showTab(text);
      return true;
    }
    const p = new URLSearchParams(text), number = (name) => p.has(name) ? Number(p.get(name)) : NaN;
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
    run.stop = run.stops.findLastIndex((s) => s.at !== void 0 && s.at <= view.t);
    run.veiled = false;
    sayStop();
    const tab = p.get("tab") || "story";
    showTab($(`tab-${tab}`) ? tab : "story");
    selected();
    redraw();
    return true;
  }
  var noting = 0;
  function noteLink() {
    clearTimeout(noting);
    noting = setTimeout(() => {
      if (run.veiled) return;
      try {
        history.replaceState(null, "", linkOf());
      } catch {
      }
    }, 300);
  }

  // script/heaps.js
  function heapBase(row) {
    return row.folded ? row.height / 2 - 2 : diagram.narrow ? 13 : 20;
  }
  function drawHeaps(run2, c, lo, hi) {
    const columns = Math.ceil(axis.width / BUCKET) + 1, kinds = run2.families.length;
    const counts = new Uint32Array(run2.lanes.length * columns * kinds);
    const s = axis.shown, scale = axis.width / (axis.u1 - axis.u0) / BUCKET;
    for (let j = lo; j < hi; j++) {
      const i = s.events[j];
      if (run2.sort[i] > HELD || run2.lane[i] < 0) continue;
      const b = Math.floor(((axis.even ? j : s.at[j]) - axis.u0) * scale);
      if (b >= 0 && b < columns) counts[(run2.lane[i] * columns + b) * kinds + run2.family[i]]++;
    }
    diagram.counts = counts;
    diagram.columns = columns;
    let most = 1;
    for (let k = 0; k < counts.length; k += kinds) {
      let sum = 0;
      for (let f = 0; f < kinds; f++) sum += counts[k + f];
      if (sum > most) most = sum;
    }
    const logMost = Math.log2(1 + most);
    run2.families.forEach((family, f) => {
      c.fillStyle = INKS[family.ink];
      c.globalAlpha = 0.8;
      for (const row of diagram.rows) {
        const lane = row.lane, base = diagram.y[lane] + heapBase(row);
        const room = (row.height - (row.folded ? 3 : 10)) / logMost;
        for (let b = 0; b < columns; b++) {
          const k = (lane * columns + b) * kinds;
          let below = 0, sum = 0;
          for (let g = 0; g < kinds; g++) {
            sum += counts[k + g];
            if (g < f) below += counts[k + g];
          }
          if (!counts[k + f]) continue;
          const tall = room * Math.log2(1 + sum), part = tall / sum;
          c.fillRect(
            axis.left + b * BUCKET,
            base - (below + counts[k + f]) * part,
            BUCKET - 0.6,
            counts[k + f] * part
          );
        }
      }
    });
    c.globalAlpha = 1;
    drawCrosses(run2, c, lo, hi);
    drawMoments(run2, c);
  }
  function drawMoments(run2, c) {
    const [t0, t1] = axis.span();
    let drawn2 = 0;
    for (const m of run2.d.moments) {
      if (m.weight < 2 || !(m.event >= 0) || m.at < t0 || m.at > t1 || drawn2 > 300) continue;
      const lane = run2.lane[m.event], y = diagram.y[lane];
      if (lane < 0 || y < 0 || run2.veiled && m.at >= run2.veilFrom) continue;
      const x = axis.xEvent(run2, m.event), h = { i: m.event, mark: true, x0: x, y0: y, x1: x, y1: y };
      diagram.hits.push(h);
      drawMark(run2, c, h);
      drawn2++;
    }
  }
  function drawCrosses(run2, c, lo, hi) {
    let drawn2 = 0, last = -9;
    for (let j = lo; j < hi && drawn2 < 400; j++) {
      const i = axis.shown.events[j];
      if (run2.sort[i] !== LOST && run2.sort[i] !== HELD || run2.lane[i] < 0) continue;
      const x = axis.xEvent(run2, i);
      if (x - last < 3) continue;
      cross(c, x, diagram.y[run2.lane[i]] - 8, INKS.bad);
      last = x;
      drawn2++;
    }
  }

  // script/diagram.js
  var MANY = 900;
  function drawDiagram(run2, width) {
    const c = surface(diagram.canvas, width, diagram.height);
    const [lo, hi] = inWindow();
    let arrows = 0;
    for (let j = lo; j < hi && arrows <= MANY; j++) if (run2.sort[axis.shown.events[j]] !== TIMER) arrows++;
    diagram.dense = arrows > MANY;
    diagram.hits = [];
    diagram.places = [];
    const labels = new Labels();
    drawBands(run2, c, labels);
    drawAxis(run2, c);
    drawLanes(c);
    c.save();
    c.beginPath();
    c.rect(axis.left - 1, 0, axis.width + 2, diagram.height);
    c.clip();
    drawFlags(run2, c);
    if (diagram.dense) drawHeaps(run2, c, lo, hi);
    else drawEvents(run2, c, lo, hi, labels);
    c.restore();
  }
  function drawAxis(run2, c) {
    c.font = FONT;
    c.textAlign = "center";
    c.lineWidth = 1;
    let last = -1e9;
    for (const t of ticks()) {
      c.strokeStyle = INKS.faint;
      c.beginPath();
      c.moveTo(Math.round(t.x) + 0.5, 18);
      c.lineTo(Math.round(t.x) + 0.5, diagram.height);
      c.stroke();
      const half = widthOf(c, t.text) / 2;
      if (t.x - half < axis.left - 4 || t.x + half > axis.left + axis.width + 12 || t.x - half < last) continue;
      c.fillStyle = INKS.dim;
      c.fillText(t.text, t.x, 9);
      last = t.x + half + 8;
    }
    if (axis.even) drawGaps(c);
    drawSteps(run2, c, 31);
  }
  function drawGaps(c) {
    const at = axis.shown.at, lo = Math.max(1, Math.ceil(axis.u0)), hi = Math.min(at.length, axis.u1);
    if (hi - lo > 400) return;
    for (let k = lo; k < hi; k++) {
      const gap = at[k] - at[k - 1];
      if (gap < 5e4) continue;
      const x = axis.x(k - 0.5);
      c.fillStyle = INKS.card;
      c.fillRect(x - 9, diagram.top - 2, 18, diagram.height - diagram.top);
      c.save();
      c.translate(x, diagram.height - 12);
      c.rotate(-Math.PI / 2);
      c.textAlign = "left";
      c.fillStyle = INKS.dim;
      c.fillText(`${length(gap)} pass`, 0, 0);
      c.restore();
    }
  }
  function drawSteps(run2, c, y) {
    c.font = FONT;
    c.textAlign = "center";
    let last = -1e9;
    run2.stops.forEach((stop, k) => {
      if (stop.at === void 0 || run2.veiled && stop.at >= run2.veilFrom) return;
      const x = axis.xOf(stop.at);
      if (x < axis.left - 8 || x > axis.left + axis.width + 8) return;
      const now = k === run2.stop;
      if (x - last < 20 && !now) {
        c.fillStyle = INKS.accent;
        c.fillRect(x - 1, y + 11, 2, 6);
        return;
      }
      c.beginPath();
      c.arc(x, y, 9.5, 0, 7);
      c.fillStyle = now ? INKS.accent : INKS.paper;
      c.fill();
      c.lineWidth = 1.5;
      c.strokeStyle = INKS.accent;
      c.stroke();
      c.fillStyle = now ? INKS.paper : INKS.accent;
      c.fillText(String(k + 1), x, y + 0.5);
      diagram.places.push({ x: x - 10, y: y - 10, w: 20, h: 20, event: -1, stop: k });
      last = x;
    });
  }
  function drawLanes(c) {
    c.lineWidth = 1.5;
    for (const row of diagram.rows) {
      const y = Math.round(diagram.y[row.lane] + (diagram.dense ? heapBase(row) : 0)) + 0.5;
      c.strokeStyle = INKS.line;
      c.beginPath();
      c.moveTo(axis.left, y);
      c.lineTo(axis.left + axis.width, y);
      c.stroke();
    }
  }
  function drawBands(run2, c, labels) {
    const x0 = axis.left, x1 = axis.left + axis.width;
    for (const b of run2.d.bands) {
      const from = Math.max(x0, axis.xOf(b.from)), to = Math.min(x1, axis.xOf(b.to));
      if (to <= x0 || from >= x1 || run2.veiled && b.from >= run2.veilFrom) continue;
      const w = Math.max(2, to - from);
      c.textAlign = "left";
      if (b.lane < 0) {
        const y2 = diagram.top - 4 - diagram.bandRows.count * 18 + diagram.bandRows.rows.get(b) * 18;
        c.fillStyle = INKS[b.kind];
        c.fillRect(from, y2, w, 16);
        c.globalAlpha = 0.35;
        c.fillRect(from, y2 + 16, w, diagram.height - y2 - 16);
        c.globalAlpha = 1;
        c.fillStyle = INKS.text;
        if (w <= 40) continue;
        const label = clip(c, b.label, w - 10);
        c.fillText(label, from + 5, y2 + 8.5);
        diagram.places.push({ x: from, y: y2, w: widthOf(c, label) + 10, h: 16, event: eventAt(run2, b.from, b.lane) });
        continue;
      }
      const row = rowOf(b.lane);
      if (!row) continue;
      const y = row.top + 2, high = row.height - 4;
      c.fillStyle = INKS[b.kind];
      c.fillRect(from, y, w, high);
      hatched(c, from, y, w, high, INKS.grey);
      c.fillStyle = INKS.text;
      const text = diagram.narrow ? b.kind : b.label;
      if (w < 30) continue;
      const shown = clip(c, text, w - 10), below = row.folded ? high / 2 : high - 9;
      halo(c, shown, from + 6, y + below, INKS.text);
      labels.free(from + 4, y + below - 6, widthOf(c, shown) + 6, 12);
      diagram.places.push({ x: from + 4, y: y + below - 7, w: widthOf(c, shown) + 6, h: 14, event: eventAt(run2, b.from, b.lane) });
    }
  }
  function drawFlags(run2, c) {
    if (!run2.flags.length) return;
    const labels = new Labels();
    const y = 44;
    c.font = FONT;
    c.textAlign = "left";
    for (const f of run2.flags) {
      const x = Math.round(axis.xOf(f.at)) + 0.5;
      if (x < axis.left || x > axis.left + axis.width || run2.veiled && f.at >= run2.veilFrom) continue;
      const ink = INKS[FLAG_INKS[f.kind] || "vermillion"];
      c.strokeStyle = ink;
      c.lineWidth = 1.2;
      c.setLineDash(f.kind === "rebalance" ? [2, 4] : [6, 4]);
      c.beginPath();
      c.moveTo(x, y);
      c.lineTo(x, diagram.height);
      c.stroke();
      c.setLineDash([]);
      const text = "⚑ " + f.label, w = widthOf(c, text);
      const at = Math.min(x + 3, axis.left + axis.width - w - 4);
      for (const row of [0, 1]) {
        if (!labels.free(at - 2, row * 17, w + 10, 8)) continue;
        halo(c, text, at, y + 8 + row * 17, ink);
        diagram.places.push({ x: at, y: y + row * 17, w, h: 16, event: eventAt(run2, f.at, f.lane) });
        break;
      }
    }
  }
  var FLAG_INKS = { election: "vermillion", controller: "blue", rebalance: "orange", offline: "bad", fault: "bad" };

  // script/draw.js
  var drawn = "";
  function drawAll() {
    const width = $("stage").clientWidth;
    if (!width) return;
    const now = [
      width,
      axis.even,
      axis.u0,
      axis.u1,
      run.veiled,
      run.stop,
      view.event,
      view.lane,
      document.documentElement.dataset.theme,
      axis.shown.events.length,
      filter.changes,
      tracks.map((t) => t.lines?.length).join()
    ].join(" ");
    if (now !== drawn) {
      drawn = now;
      layDiagram(run, width);
      drawDiagram(run, width);
      layLanes();
      for (const t of tracks) t.draw(width);
      const [t0, t1] = axis.span();
      $("window").textContent = length(t1 - t0);
      const name = diagram.places.find((p) => p.event >= 0 && run.peer[p.event] >= 0);
      Object.assign($("stage").dataset, {
        from: t0,
        to: t1,
        shown: axis.shown.events.length,
        places: diagram.places.length,
        place: name ? `${name.x + name.w / 2} ${name.y + name.h / 2}` : ""
      });
    }
    drawOverview(run, $("strip").clientWidth, view.t);
    drawCursor(width);
    noteLink();
  }
  function drawCursor(width) {
    const x = view.event >= 0 ? axis.xEvent(run, view.event) : axis.xOf(view.t), left = axis.left, right = axis.left + axis.width;
    const stage = $("stage"), cursor = $("cursor"), inside = x >= left - 1 && x <= right + 1;
    cursor.hidden = !inside;
    cursor.style.transform = `translateX(${x - 1}px)`;
    $("cursor-time").textContent = clock(view.t);
    $("cursor-time").className = x > right - 100 ? "before" : "";
    const top = diagram.canvas.parentElement?.offsetTop || 0;
    $("fade").style.top = cursor.style.top = `${top + 43}px`;
    $("veil").style.top = `${top}px`;
    $("fade").hidden = view.event >= 0 || view.t === 0;
    stretch($("fade"), Math.max(left, Math.min(right, x)), right);
    const veil = run.veiled ? Math.max(left, axis.xOf(run.veilFrom)) : right;
    $("veil").hidden = veil >= right;
    stretch($("veil"), veil, width);
    $("clock").textContent = clock(view.t);
    const scrubber = field("scrub");
    scrubber.value = String(Math.round(view.t));
    scrubber.setAttribute("aria-valuetext", clock(view.t, 3));
    Object.assign(stage.dataset, { time: view.t, x: inside ? Math.round(x) : "" });
    for (const t of tracks) t.read(view.t);
    sayLanes();
    if (view.lane >= 0 && view.event < 0) showDetail();
  }
  function stretch(e, from, to) {
    e.style.transform = `translateX(${from}px)`;
    e.style.width = `${Math.max(0, to - from)}px`;
  }
  function layLanes() {
    const box = $("lanes"), lanes = diagram.lanes;
    if (box.children.length !== lanes.length || box.dataset.rows !== lanes.join()) {
      box.dataset.rows = lanes.join();
      fill(box, ...lanes.map((lane) => el("button", {
        type: "button",
        "data-lane": String(lane),
        "aria-pressed": String(view.lane === lane),
        onclick: () => {
          view.lane = view.lane === lane ? -1 : lane;
          view.event = -1;
          view.picked = true;
          selected();
          redraw();
        }
      }, el("b", {}, swatch(lane), run.lanes[lane].id, " ", el("em", {}, "")), el("span", {}, ""), el("span", {}, ""))));
    }
    diagram.rows.forEach((row, k) => {
      const b = (
        /** @type {HTMLElement} */
        box.children[k]
      );
      b.style.top = `${row.top}px`;
      b.classList.toggle("low", row.height < 50);
      b.classList.toggle("folded", row.folded);
      b.style.height = `${diagram.narrow ? Math.min(22, row.height) : row.height}px`;
      b.style.width = diagram.narrow ? "auto" : `${axis.left - 10}px`;
    });
  }
  function swatch(lane) {
    const { role, ink, round } = run.lanes[lane];
    return role === "broker" ? el("i", { class: `swatch ink-${ink}${round ? " striped" : ""}` }) : "";
  }
  function sayLanes() {
    const before = eventBefore(view.t);
    for (const b of every("#lanes button")) {
      const said = laneState(Number(b.dataset.lane), before), text = said.join("|");
      if (b.dataset.said === text) continue;
      b.dataset.said = text;
      const name = (
        /** @type {Element} */
        b.firstElementChild
      );
      name.lastElementChild.textContent = said[0];
      b.children[1].textContent = said[1];
      b.children[2].textContent = said[2];
      b.title = [...said, "Choose it to see what it knows"].filter(Boolean).join(", ");
    }
  }
  function laneState(lane, before) {
    const role = run.lanes[lane].role, main = run.main, know = (key) => knows(run, lane, key, before);
    const band = run.d.bands.find((x) => x.lane === lane && x.from <= view.t && view.t < x.to);
    if (band?.kind === "down") return ["✗ down", "", ""];
    if (band?.kind === "paused") return ["❚❚ stands still", "", ""];
    if (role === "broker") {
      const is = know(`${main} role`), end = know(`${main} log end`), high = know(`${main} high watermark`);
      const led = band?.kind === "network" ? "✂ cut off" : is.startsWith("leader") ? "★ leads" : is ? "follows" : "";
      return [
        [led, know("controller") ? "controls" : ""].filter(Boolean).join(", "),
        end ? `${main} ends at ${end}` : "",
        end ? `high watermark ${high || "0"}` : ""
      ];
    }
    if (role === "consumer") return ["", know("owns") ? `owns ${know("owns")}` : "", know("position") ? `reads from ${know("position")}` : ""];
    const acked = know(`${main} acknowledged below`);
    return ["", acked ? `${main}: below ${acked}` : "", acked ? "is acknowledged" : ""];
  }

  // script/tabs.js
  function listenTabs() {
    const tabs = every("[role=tab]");
    for (const tab of tabs) {
      tab.addEventListener("click", () => showTab(tab.id.slice(4)));
      tab.addEventListener("keydown", (e) => {
        const by = e.key === "ArrowRight" ? 1 : e.key === "ArrowLeft" ? -1 : 0;
        if (!by) return;
        e.preventDefault();
        e.stopPropagation();
        const next = tabs[(tabs.indexOf(tab) + by + tabs.length) % tabs.length];
        next.focus();
        showTab(next.id.slice(4));
      });
    }
  }
  function kept(name, value) {
    try {
      if (value === void 0) return localStorage.getItem(`sandcastle.${name}`);
      localStorage.setItem(`sandcastle.${name}`, value);
    } catch {
    }
    return null;
  }
  function listenTheme() {
    const root = document.documentElement, dark = matchMedia("(prefers-color-scheme: dark)");
    const apply = () => {
      root.dataset.theme = kept("theme") || (dark.matches ? "dark" : "light");
      $("theme").textContent = root.dataset.theme === "dark" ? "☀ Light" : "☾ Dark";
      readInks();
      redraw();
    };
    dark.addEventListener("change", apply);
    window.addEventListener("beforeprint", () => {
      root.dataset.theme = "light";
      readInks();
      drawAll();
    });
    window.addEventListener("afterprint", apply);
    $("theme").addEventListener("click", () => {
      kept("theme", root.dataset.theme === "dark" ? "light" : "dark");
      if (!kept("theme")) root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
      apply();
    });
    apply();
  }
  async function copyText(text, button) {
    let done = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = el("textarea", { class: "sr" });
      area.value = text;
      document.body.append(area);
      area.select();
      done = document.execCommand("copy");
      area.remove();
    }
    const before = button.dataset.label || (button.dataset.label = button.textContent);
    button.textContent = done ? "Copied" : "Select and copy it by hand";
    setTimeout(() => {
      button.textContent = before;
    }, 1500);
  }
  function listenCopies() {
    for (const b of every("button[data-copy]")) {
      b.addEventListener("click", () => copyText($(b.dataset.copy || "").textContent || "", b));
    }
    $("share").addEventListener("click", () => copyText(location.href.split("#")[0] + linkOf(), $("share")));
  }
  function listenWitnesses() {
    const open = (at, event) => () => {
      showTab("story");
      view.event = event;
      view.lane = -1;
      view.t = at;
      aroundStop({ when: at, event });
      run.stop = run.stops.findLastIndex((s) => s.at !== void 0 && s.at <= at);
      sayStop();
      selected();
      redraw();
      $("stage").scrollIntoView({ block: "nearest" });
    };
    for (const row of every("tr[data-finding]")) {
      const w = run.d.findings[Number(row.dataset.finding)]?.witnesses[Number(row.dataset.witness)];
      if (!w) continue;
      row.lastElementChild?.append(" ", el(
        "button",
        { type: "button", class: "small", onclick: open(w.at, w.event) },
        "Show it"
      ));
    }
    const byKey = new Map(run.d.moments.map((m) => [`${Math.floor(m.at / 1e3)} ${m.where} ${m.what}`, m]));
    for (const row of every(".moments tbody tr")) {
      const [at, where, what] = row.children;
      const said = what.firstChild?.textContent || "";
      const m = byKey.get(`${Math.round(Number(at.textContent) * 1e3)} ${where.textContent} ${said}`);
      if (!m) continue;
      const time = at.textContent;
      fill(at, el("button", { type: "button", class: "link", title: "Show this moment", onclick: open(m.at, m.event) }, time));
    }
  }

  // script/play.js
  var PLAY_SECONDS = 12;
  function play() {
    if (playing.on) {
      halt();
      return;
    }
    playing.on = true;
    playing.last = 0;
    $("play").textContent = "❚❚ Pause";
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    requestAnimationFrame(function tick(now) {
      if (!playing.on) return;
      const passed = playing.last ? now - playing.last : 0, speed = Number(field("speed").value);
      if (calm && passed < 1e3 / speed && playing.last) {
        requestAnimationFrame(tick);
        return;
      }
      playing.last = now;
      if (calm) goEvent(1);
      else advance(passed / 1e3 * speed);
      const limit = run.veiled ? run.veilFrom - 1 : run.end;
      if (view.t >= limit) {
        halt();
        if (run.veiled) goStop(run.ask);
        return;
      }
      requestAnimationFrame(tick);
    });
  }
  function advance(seconds) {
    const w = axis.u1 - axis.u0, u = axis.uOf(view.t) + w / PLAY_SECONDS * seconds;
    const limit = run.veiled ? run.veilFrom - 1 : run.end;
    view.t = Math.min(limit, axis.tOf(u));
    if (u > axis.u1 - w * 0.25 || u < axis.u0) axis.show(run, u - w * 0.75, u + w * 0.25);
    const k = run.stops.findLastIndex((s) => s.at !== void 0 && s.at <= view.t);
    if (k !== run.stop && k >= 0) {
      run.stop = k;
      sayStop();
    }
    view.event = -1;
    redraw();
  }

  // script/input.js
  function zoom(factor, x = axis.xOf(view.t)) {
    const inside = x >= axis.left && x <= axis.left + axis.width;
    const u = inside ? axis.atX(x) : (axis.u0 + axis.u1) / 2;
    axis.show(run, u - (u - axis.u0) * factor, u + (axis.u1 - u) * factor);
    redraw();
  }
  function pan(part) {
    const by = (axis.u1 - axis.u0) * part;
    axis.show(run, axis.u0 + by, axis.u1 + by);
    redraw();
  }
  function refilter(changed = true) {
    const [t0, t1] = axis.span();
    filter.changes++;
    if (changed) axis.shown = shownEvents(run);
    axis.show(run, axis.uOf(t0), axis.uOf(t1));
    const n = axis.shown.events.length;
    $("count").textContent = `${n.toLocaleString("en")} of ${run.n.toLocaleString("en")} events shown.`;
    redraw();
  }
  function listenPointer() {
    const canvas = diagram.canvas, points = /* @__PURE__ */ new Map();
    let from = { x: 0, u0: 0, u1: 0, axis: false }, moved = false, spread = 0;
    const at = (e) => {
      const b = canvas.getBoundingClientRect();
      return [e.clientX - b.left, e.clientY - b.top];
    };
    canvas.addEventListener("pointerdown", (e) => {
      points.set(e.pointerId, e.clientX);
      canvas.setPointerCapture(e.pointerId);
      from = { x: e.clientX, u0: axis.u0, u1: axis.u1, axis: at(e)[1] < 42 };
      moved = false;
      spread = 0;
    });
    canvas.addEventListener("pointermove", (e) => {
      const [x, y] = at(e);
      if (!points.has(e.pointerId)) {
        showTip(x, y, e.clientX, e.clientY);
        return;
      }
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
      if (from.axis) {
        scrub(axis.tOf(axis.atX(x)), false);
        return;
      }
      const by = (from.x - e.clientX) / axis.width * (from.u1 - from.u0);
      axis.show(run, from.u0 + by, from.u1 + by);
      redraw();
    });
    const up = (e) => {
      points.delete(e.pointerId);
      if (moved || e.type !== "pointerup") return;
      const [x, y] = at(e), chosen = chosenAt(x, y);
      if (run.veiled && axis.tOf(axis.atX(x)) >= run.veilFrom) return;
      if (chosen?.stop !== void 0) goStop(chosen.stop);
      else if (chosen) choose(chosen.event);
      else scrub(axis.tOf(axis.atX(x)), false);
    };
    canvas.addEventListener("pointerup", up);
    canvas.addEventListener("pointercancel", up);
    canvas.addEventListener("pointerleave", () => {
      $("tip").hidden = true;
    });
    canvas.addEventListener("dblclick", (e) => zoom(0.25, at(e)[0]));
    canvas.addEventListener("wheel", (e) => {
      if (e.ctrlKey || e.metaKey) zoom(Math.exp(e.deltaY * 4e-3), at(e)[0]);
      else if (e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY)) pan((e.deltaX || e.deltaY) / axis.width);
      else return;
      e.preventDefault();
    }, { passive: false });
  }
  var KEYS = {
    " ": () => goStop(run.stop + 1),
    ArrowRight: () => goStop(run.stop + 1),
    PageDown: () => goStop(run.stop + 1),
    ".": () => goStop(run.stop + 1),
    ArrowLeft: () => goStop(run.stop - 1),
    PageUp: () => goStop(run.stop - 1),
    Home: () => goStop(0),
    End: () => goStop(run.stops.length - 1),
    p: play,
    "]": () => goEvent(1),
    "[": () => goEvent(-1),
    "+": () => zoom(0.5),
    "=": () => zoom(0.5),
    "-": () => zoom(2),
    Escape: () => {
      view.event = view.lane = -1;
      selected();
      redraw();
    },
    0: () => showEverything(),
    a: () => pan(-0.3),
    d: () => pan(0.3),
    r: () => reveal()
  };
  function listenKeys() {
    document.addEventListener("keydown", (e) => {
      const target = (
        /** @type {Element} */
        e.target
      );
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
  function reveal() {
    if (run.veiled) goStop(run.ask + 1);
  }
  function openAll() {
    unveil();
    sayStop();
    if (run.stop < 0) showEverything();
  }
  function listenButtons() {
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

  // script/main.js
  async function start() {
    const began = performance.now();
    setRun(newRun(await unpack($("data").textContent)));
    learnTerms(run.d.terms);
    onRedraw(() => {
      if (view.tab === "story") drawAll();
      else noteLink();
    });
    diagram.canvas = /** @type {HTMLCanvasElement} */
    $("canvas");
    overview.canvas = /** @type {HTMLCanvasElement} */
    $("strip-canvas");
    run.main = run.d.offsets.map((o) => o.partition).find((p) => !isInternal(run, p)) || run.partitions[0] || "";
    axis.shown = shownEvents(run);
    axis.show(run, 0, run.end);
    buildStops(run);
    buildFlags(run);
    buildStopList();
    buildFilters(run, () => refilter());
    buildTracks(run);
    const { left, total, why } = run.d.folded;
    $("left").textContent = left ? `${left.toLocaleString("en")} of the ${total.toLocaleString("en")} lines of the trace are not in this page. ${why}` : "";
    $("left").hidden = !left;
    field("scrub").max = String(Math.ceil(run.end));
    $("answer").textContent = run.d.lesson.answer;
    listenTheme();
    listenTabs();
    listenTerms();
    listenButtons();
    listenKeys();
    listenPointer();
    listenOverview(run);
    listenCopies();
    listenWitnesses();
    window.addEventListener("resize", redraw);
    window.addEventListener("hashchange", () => openLink(location.hash));
    run.veiled = Boolean(run.d.lesson.question) && kept("veil") !== "never";
    for (const t of tracks) if (!t.lines) t.legendOf();
    refilter(false);
    selected();
    if (!openLink(location.hash)) {
      showWhole(beforeVeil());
      sayStop();
      showTab("story");
    }
    drawAll();
    document.documentElement.dataset.ready = String(Math.round(performance.now()));
    document.documentElement.dataset.work = String(Math.round(performance.now() - began));
  }
  start().catch((err) => {
    document.documentElement.classList.remove("js", "veiled");
    $("broken").hidden = false;
    $("broken").textContent = `The diagram cannot be drawn: ${err.message}. Everything else is below.`;
    console.error(err);
  });
})();
