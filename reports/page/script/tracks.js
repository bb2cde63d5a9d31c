// page_tracks.js: what stands below the diagram, on its time axis: offsets, leaders, owners, rates.

const tracks = []; // each draws itself and says what it shows at the cursor

const isInternal = (partition) => partition.startsWith("__");

// buildTracks makes the tracks that this run has something for.
function buildTracks(run) {
  const d = run.d, brokers = run.lanes.filter((l) => l.role === "broker").map((l) => l.id);
  const inkOf = (list, name) => LINES[Math.max(0, list.indexOf(name)) % LINES.length];
  if (d.offsets?.length) addOffsets(run, brokers, inkOf);
  const led = (d.leaders || []).filter((l) => !isInternal(l.partition));
  if (led.length) addLeaders(run, led, brokers, inkOf);
  for (const g of d.owners || []) addOwners(run, g, inkOf);
  addRates(run);
  if (d.lag?.length) addLag(run, inkOf);
}

// addTrack makes a heading with its legend, a canvas below it, and keeps both.
function addTrack(id, title, about, track) {
  const canvas = el("canvas", { "aria-hidden": "true" });
  const legend = el("p", { class: "legend" });
  const head = el("div", { class: "head" }, el("h3", {}, title), track.chooser || "", legend);
  const section = el("section", { class: "track", id: `track-${id}`, "aria-label": title }, head,
    canvas, el("p", { class: "about" }, about));
  $("tracks").append(section);
  tracks.push(Object.assign(track, { id, canvas, legend, section, width: 0 }));
  return track;
}

// sample draws how a line looks, for a legend.
function sample(line) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("width", "26");
  svg.setAttribute("height", "10");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", "M0 5H26");
  path.setAttribute("class", `stroke-${line.ink}`);
  path.setAttribute("stroke-width", String(line.thick));
  if (line.dash.length) path.setAttribute("stroke-dasharray", line.dash.join(" "));
  svg.append(path);
  return svg;
}

// stairsTrack is a track of lines that hold a value until the next.
function stairsTrack(lines, unit, height, options = {}) {
  const track = {
    lines, height,
    draw(run, width) { drawStairs(this, width, unit, options); },
    legendOf() {
      fill(this.legend, ...this.lines.map((line) => {
        line.readout = el("b", {}, "");
        return el("span", { class: "key" }, sample(line), line.name, " ", line.readout);
      }));
    },
    read(t) {
      for (const line of this.lines) {
        const v = valueAt(line, t);
        const text = Number.isNaN(v) ? "–" : unit(v);
        if (line.shownText === text) continue;
        line.shownText = line.readout.textContent = text;
      }
    },
  };
  return track;
}

// valueAt is what a line says at a time, NaN for nothing.
function valueAt(line, t) {
  const k = above(line.at, t) - 1;
  if (k < 0 || line.until && t >= line.at[k] + line.until) return NaN;
  return line.value[k];
}

// fitting are the lines that a picture must hold; a committed offset that is far behind would flatten it.
function fitting(lines, t0, t1) {
  const main = lines.filter((l) => !l.behind);
  if (!main.length || main.length === lines.length) return lines;
  const [a, b] = bounds(main, t0, t1), [lo, hi] = bounds(lines, t0, t1);
  return hi - lo > 4 * (b - a) && b < hi * 20 && t1 - t0 < run.end * 0.5 ? main : lines;
}

// bounds are the least and the greatest value in the window.
function bounds(lines, t0, t1, zero) {
  let lo = zero ? 0 : Infinity, hi = zero ? 0 : -Infinity;
  for (const line of lines) {
    const from = Math.max(0, above(line.at, t0) - 1), to = above(line.at, t1);
    const skip = Math.max(1, Math.floor((to - from) / 2000));
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

function drawStairs(track, width, unit, options) {
  const h = track.height, c = surface(track.canvas, width, h);
  const [t0, t1] = axis.span();
  const [lo, hi] = bounds(fitting(track.lines, t0, t1), t0, t1, options.zero);
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
  for (const line of track.lines) drawStair(c, line, y, t0, t1);
  c.restore();
}

// drawStair draws one line; where it has more corners than pixels it is sampled at every pixel.
function drawStair(c, line, y, t0, t1) {
  c.strokeStyle = INKS[line.ink];
  c.lineWidth = line.thick;
  c.setLineDash(line.dash);
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

const WHATS = {
  "log-end": "log end", "high-watermark": "high watermark", "last-stable": "last stable offset",
  "log-start": "log start", committed: "committed",
};
const LOOKS = {
  "high-watermark": { dash: [2, 4], thick: 2.4 }, "last-stable": { dash: [10, 4], thick: 2 },
  "log-start": { dash: [1, 6], thick: 2 }, committed: { dash: [9, 3, 2, 3], thick: 2 },
};

function addOffsets(run, brokers, inkOf) {
  const d = run.d, all = d.offsets;
  const first = Math.max(0, all.findIndex((o) => !isInternal(o.partition)));
  const make = (o) => {
    let end = 0;
    return o.lines.filter((l) => l.at.length).map((l) => {
      const look = LOOKS[l.what] || { dash: [], thick: [5.5, 3.4, 1.6, 1.2][Math.min(end++, 3)] };
      const who = l.group ? `group ${l.group}` : l.node || l.name;
      return {
        name: `${who} ${WHATS[l.what] || l.what}`, ink: l.group ? "purple" : inkOf(brokers, who),
        at: undelta(l.at), value: undelta(l.value), behind: Boolean(l.group), ...look,
      };
    });
  };
  const made = new Map();
  const linesOf = (k) => {
    if (!made.has(k)) made.set(k, make(all[k]));
    return made.get(k);
  };
  const track = stairsTrack(linesOf(first), (v) => String(Math.round(v)), 170, { whole: true });
  if (all.length > 1) {
    const select = el("select", { id: "offsets-of", "aria-label": "Offsets of which partition" },
      ...all.map((o, k) => el("option", { value: String(k) }, o.partition)));
    select.value = String(first);
    select.addEventListener("change", () => {
      track.lines = linesOf(Number(select.value));
      run.main = all[Number(select.value)].partition;
      track.legendOf();
      redraw();
    });
    track.chooser = select;
  }
  const title = all.length > 1 ? "Offsets of" : `Offsets of ${all[first].partition}`;
  addTrack("offsets", title, "A log end is one past the last record that a broker has. Consumers see records " +
    "below the high watermark only: that far, every in-sync replica has the records. Lines that lie on each " +
    "other differ in width; a line that stops belongs to a broker that is down.", track);
  track.legendOf();
}

// spansTrack is a track of rows with bars.
function spansTrack(rows, options = {}) {
  return {
    rows, height: rows.length * 26 + 6,
    draw(run, width) {
      const c = surface(this.canvas, width, this.height);
      drawGrid(c, this.height);
      rows.forEach((row, k) => drawRow(c, row, 4 + k * 26));
    },
    legendOf() { fill(this.legend, options.legend || ""); },
    read(t) {
      const said = rows.map((r) => {
        const s = r.spans.find((x) => x.from <= t && (t < x.to || x.to >= run.end));
        return `${r.name}: ${s ? s.text : options.none}`;
      });
      const text = said.slice(0, 4).join(" · ") + (said.length > 4 ? " …" : "");
      if (text !== this.said) this.said = this.legend.textContent = text;
    },
  };
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
    c.fillStyle = s.ink ? INKS[s.ink] : INKS.card;
    c.globalAlpha = s.ink ? 0.34 : 1;
    c.fillRect(from, y, w, 20);
    c.globalAlpha = 1;
    if (!s.ink || s.dead) hatched(c, from, y, w, 20, INKS.grey);
    c.strokeStyle = s.ink ? INKS[s.ink] : INKS.grey;
    c.lineWidth = 1.2;
    c.strokeRect(from + 0.5, y + 0.5, w - 1, 19);
    const text = diagram.narrow ? `${row.name}: ${s.text}` : s.text;
    if (w > 44) halo(c, clip(c, text, w - 12), Math.max(from, axis.left) + 6, y + 10.5, INKS.text);
  }
  for (const m of row.marks || []) {
    const x = axis.xOf(m.at);
    if (x < axis.left || x > right) continue;
    c.fillStyle = INKS.text;
    c.fillRect(x - 1, y - 2, 2, 24);
  }
  c.restore();
}

function addLeaders(run, led, brokers, inkOf) {
  const rows = [];
  for (const l of led.slice(0, 12)) {
    rows.push({ name: l.partition + " led by", spans: l.spans.map((s) => ({
      from: s.from, to: s.to, ink: s.leader < 0 ? "" : inkOf(brokers, `broker-${s.leader}`),
      text: s.leader < 0 ? "no leader" : `broker-${s.leader}, epoch ${s.epoch}`,
    })) });
    const isr = l.isr || [];
    if (isr.length) {
      rows.push({ name: "in sync", spans: isr.map((s, k) => ({
        from: s.at, to: k + 1 < isr.length ? isr[k + 1].at : run.end, ink: s.isr.length > 1 ? "sky" : "orange",
        text: s.isr.length ? `${s.isr.length}: broker ${s.isr.join(", ")}` : "nobody",
      })) });
    }
  }
  const track = spansTrack(rows, { none: "nobody" });
  addTrack("leaders", "Leaders and in-sync replicas", "Who leads each partition, in which leader epoch, and which " +
    "replicas the cluster counts as in sync (the ISR): only those may be elected, and acks=all waits for all of " +
    "them. Hatched: no leader, nothing can be written or read.", track);
}

function addOwners(run, g, inkOf) {
  const names = [...new Set(g.spans.map((s) => s.partition))].sort();
  const rows = names.map((name) => ({
    name: name || "owns nothing",
    spans: g.spans.filter((s) => s.partition === name).map((s) => ({
      from: s.from, to: s.to, dead: s.dead, ink: inkOf(g.members, s.member), text: s.dead ? `${s.member} (dead)` : s.member,
    })),
  }));
  const track = spansTrack(rows, { none: "nobody" });
  addTrack(`owners-${tracks.length}`, `Owners in group ${g.group}`, "Which member of the group reads which partition. " +
    "A blank stretch means that nobody reads it. Hatched: the owner is dead, and the group does not know yet.", track);
}

function addRates(run) {
  const d = run.d, looks = {
    acked: ["blue", 2.6, []], read: ["purple", 1.8, [7, 3]], failed: ["vermillion", 2, [2, 3]],
    unknown: ["orange", 2, [4, 4]],
  };
  const names = { acked: "acknowledged", read: "read", failed: "failed", unknown: "outcome unknown" };
  const every = d.rates?.every;
  const lines = (d.rates?.lines || []).filter((l) => l.counts.length).map((l) => {
    const [ink, thick, dash] = looks[l.what] || ["grey", 1.5, []];
    return { name: names[l.what] || l.name, ink, thick, dash, at: Float64Array.from(l.counts, (_, k) => k * every),
      value: Float64Array.from(l.counts, (v) => v * 1e6 / every) };
  });
  if (lines.length) {
    const track = stairsTrack(lines, (v) => `${v < 10 ? Number(v.toFixed(1)) : Math.round(v)}/s`, 110, { zero: true });
    addTrack("rates", "Throughput", `Records a second, counted over ${length(every)}. A send counts when its outcome ` +
      "is known, a read when a poll returns it.", track);
    track.legendOf();
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
  addTrack("latency", "How long acknowledgements take", "From a send to its acknowledgement. Half of the sends take p50 " +
    "at most, 99 of 100 take p99 at most. A gap: nothing was acknowledged.", track);
  track.legendOf();
}

function addLag(run, inkOf) {
  const names = run.d.lag.map((l) => `${l.group} ${l.partition}`);
  const lines = run.d.lag.slice(0, 8).map((l, k) => ({
    name: `${l.group}, ${l.partition}`, ink: inkOf(names, names[k]), thick: [3.4, 2.4, 1.6][k % 3],
    dash: k < 6 ? [] : [4, 3], at: undelta(l.at), value: undelta(l.value),
  })).filter((l) => l.at.length);
  if (!lines.length) return;
  const track = stairsTrack(lines, (v) => String(Math.round(v)), 110, { zero: true, whole: true });
  addTrack("lag", "Lag of the groups", "How many records a group has not committed yet in each partition: the high " +
    "watermark less the committed offset. Lag is a number for each partition; a sum hides the one that is stuck.", track);
  track.legendOf();
}
