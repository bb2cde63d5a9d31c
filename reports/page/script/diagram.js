// page_diagram.js: the space-time diagram: one lane for each node, messages as arrows. Only what lies in
// the window is drawn; where arrows are too many to tell apart, how many there are is drawn instead.

const MANY = 900; // arrows that can be told apart
const BUCKET = 4; // pixels of a heap of arrows

const diagram = {
  canvas: null, height: 0, top: 0, lanes: [], rowHeight: 46, y: [], dense: false,
  hits: [], // what is drawn as an arrow or a mark
  path: new Set(), // events of the chosen chain
};

// layDiagram decides where lanes stand.
function layDiagram(run, width) {
  const narrow = width < 640;
  axis.left = narrow ? 8 : 190;
  axis.width = width - axis.left - (narrow ? 8 : 16);
  diagram.narrow = narrow;
  diagram.lanes = run.lanes.map((_, i) => i).filter((i) => !filter.lanes.has(i));
  diagram.rowHeight = diagram.lanes.length > 14 ? 36 : narrow ? 52 : 56;
  diagram.bandRows = rowsOf(run.d.bands.filter((b) => b.lane < 0));
  diagram.top = 50 + flagRows(run) * 17 + diagram.bandRows.count * 18;
  diagram.y = new Array(run.lanes.length).fill(-1);
  diagram.lanes.forEach((lane, k) => {
    diagram.y[lane] = diagram.top + (k + (narrow ? 0.66 : 0.5)) * diagram.rowHeight;
  });
  diagram.height = diagram.top + diagram.lanes.length * diagram.rowHeight + 8;
}

// rowsOf gives bands that overlap rows of their own.
function rowsOf(bands) {
  const ends = [], rows = new Map();
  for (const b of bands) {
    let r = ends.findIndex((end) => end <= b.from);
    if (r < 0) r = ends.length < 3 ? ends.push(0) - 1 : 2;
    ends[r] = b.to;
    rows.set(b, r);
  }
  return { rows, count: ends.length };
}

function flagRows(run) { return run.flags.length ? 2 : 0; }

// drawDiagram draws all but what moves with the cursor.
function drawDiagram(run, width) {
  const c = surface(diagram.canvas, width, diagram.height);
  const [lo, hi] = inWindow();
  let arrows = 0;
  for (let j = lo; j < hi && arrows <= MANY; j++) if (run.sort[axis.shown.events[j]] !== TIMER) arrows++;
  diagram.dense = arrows > MANY;
  diagram.hits = [];
  const labels = new Labels();
  drawBands(run, c, labels);
  drawAxis(run, c);
  drawLanes(run, c, width);
  c.save();
  c.beginPath();
  c.rect(axis.left - 1, 0, axis.width + 2, diagram.height);
  c.clip();
  drawFlags(run, c);
  if (diagram.dense) drawHeaps(run, c, lo, hi); else drawEvents(run, c, lo, hi, labels);
  c.restore();
}

// drawAxis draws the times, and the steps of the story as numbers in circles.
function drawAxis(run, c) {
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
  drawSteps(run, c, 31);
}

// drawGaps says where even spacing leaves out a long time.
function drawGaps(c) {
  const at = axis.shown.at, lo = Math.max(1, Math.ceil(axis.u0)), hi = Math.min(at.length, axis.u1);
  if (hi - lo > 400) return;
  for (let k = lo; k < hi; k++) {
    const gap = at[k] - at[k - 1];
    if (gap < 50000) continue;
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

// drawSteps numbers the stops of the story.
function drawSteps(run, c, y) {
  c.font = FONT;
  c.textAlign = "center";
  let last = -1e9;
  run.stops.forEach((stop, k) => {
    if (stop.at === undefined || run.veiled && stop.at >= run.veilFrom) return;
    const x = axis.xOf(stop.at);
    if (x < axis.left - 8 || x > axis.left + axis.width + 8) return;
    const now = k === run.stop;
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
    last = x;
  });
}

// drawLanes draws the lines of the nodes, and on them the stretches in which a node is not there.
function drawLanes(run, c) {
  c.lineWidth = 1.5;
  for (const lane of diagram.lanes) {
    const y = Math.round(diagram.y[lane] + (diagram.dense ? heapBase() : 0)) + 0.5;
    c.strokeStyle = INKS.line;
    c.beginPath();
    c.moveTo(axis.left, y);
    c.lineTo(axis.left + axis.width, y);
    c.stroke();
  }
}

// hatched fills a rectangle with slanted lines, so that a band is known without its colour.
function hatched(c, x, y, w, h, ink) {
  c.save();
  c.beginPath();
  c.rect(x, y, w, h);
  c.clip();
  c.strokeStyle = ink;
  c.lineWidth = 1;
  c.globalAlpha = 0.55;
  c.beginPath();
  for (let a = x - h - ((x - h) % 9); a < x + w; a += 9) {
    c.moveTo(a, y + h);
    c.lineTo(a + h, y);
  }
  c.stroke();
  c.restore();
}

// drawBands draws the faults that last: over a node's lane, or over all with a bar that names them.
function drawBands(run, c, labels) {
  const x0 = axis.left, x1 = axis.left + axis.width;
  for (const b of run.d.bands) {
    const from = Math.max(x0, axis.xOf(b.from)), to = Math.min(x1, axis.xOf(b.to));
    if (to <= x0 || from >= x1 || run.veiled && b.from >= run.veilFrom) continue;
    const w = Math.max(2, to - from);
    c.textAlign = "left";
    if (b.lane < 0) {
      const y = diagram.top - 4 - diagram.bandRows.count * 18 + diagram.bandRows.rows.get(b) * 18;
      c.fillStyle = INKS[b.kind];
      c.fillRect(from, y, w, 16);
      c.globalAlpha = 0.35;
      c.fillRect(from, y + 16, w, diagram.height - y - 16);
      c.globalAlpha = 1;
      c.fillStyle = INKS.text;
      if (w > 40) c.fillText(clip(c, b.label, w - 10), from + 5, y + 8.5);
      continue;
    }
    if (diagram.y[b.lane] < 0) continue;
    const y = diagram.top + diagram.lanes.indexOf(b.lane) * diagram.rowHeight + 2;
    c.fillStyle = INKS[b.kind];
    c.fillRect(from, y, w, diagram.rowHeight - 4);
    hatched(c, from, y, w, diagram.rowHeight - 4, INKS.grey);
    c.fillStyle = INKS.text;
    const text = diagram.narrow ? b.kind : b.label;
    if (w < 30) continue;
    const shown = clip(c, text, w - 10);
    halo(c, shown, from + 6, y + diagram.rowHeight - 13, INKS.text);
    labels.free(from + 4, y + diagram.rowHeight - 19, widthOf(c, shown) + 6, 12);
  }
}

// drawFlags draws elections, rebalances and single faults as flags over all lanes.
function drawFlags(run, c) {
  if (!run.flags.length) return;
  const labels = new Labels();
  const y = 44;
  c.font = FONT;
  c.textAlign = "left";
  for (const f of run.flags) {
    const x = Math.round(axis.xOf(f.at)) + 0.5;
    if (x < axis.left || x > axis.left + axis.width || run.veiled && f.at >= run.veilFrom) continue;
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
      break;
    }
  }
}

const FLAG_INKS = { election: "vermillion", controller: "blue", rebalance: "orange", offline: "bad", fault: "bad" };

// heapBase is how far below the middle of its row a heap stands.
function heapBase() { return diagram.narrow ? 13 : 20; }

// drawHeaps draws for each node how many events every few pixels hold, by family, on a logarithmic
// scale.
function drawHeaps(run, c, lo, hi) {
  const columns = Math.ceil(axis.width / BUCKET) + 1, kinds = FAMILIES.length;
  const counts = new Uint32Array(run.lanes.length * columns * kinds);
  const s = axis.shown, scale = axis.width / (axis.u1 - axis.u0) / BUCKET;
  for (let j = lo; j < hi; j++) {
    const i = s.events[j];
    if (run.sort[i] > HELD || run.lane[i] < 0) continue;
    const b = Math.floor(((axis.even ? j : s.at[j]) - axis.u0) * scale);
    if (b >= 0 && b < columns) counts[(run.lane[i] * columns + b) * kinds + run.family[i]]++;
  }
  diagram.counts = counts;
  diagram.columns = columns;
  let most = 1;
  for (let k = 0; k < counts.length; k += kinds) {
    let sum = 0;
    for (let f = 0; f < kinds; f++) sum += counts[k + f];
    if (sum > most) most = sum;
  }
  const room = (diagram.rowHeight - 10) / Math.log2(1 + most);
  FAMILIES.forEach((family, f) => {
    c.fillStyle = INKS[family.ink];
    c.globalAlpha = 0.8;
    for (const lane of diagram.lanes) {
      const base = diagram.y[lane] + heapBase();
      for (let b = 0; b < columns; b++) {
        const k = (lane * columns + b) * kinds;
        let below = 0, sum = 0;
        for (let g = 0; g < kinds; g++) {
          sum += counts[k + g];
          if (g < f) below += counts[k + g];
        }
        if (!counts[k + f]) continue;
        const tall = room * Math.log2(1 + sum), part = tall / sum;
        c.fillRect(axis.left + b * BUCKET, base - (below + counts[k + f]) * part, BUCKET - 0.6,
          counts[k + f] * part);
      }
    }
  });
  c.globalAlpha = 1;
  drawCrosses(run, c, lo, hi);
  drawMoments(run, c);
}

// drawMoments marks what is worth telling where events are not drawn one by one.
function drawMoments(run, c) {
  const [t0, t1] = axis.span();
  let drawn = 0;
  for (const m of run.d.moments) {
    if (m.weight < 2 || !(m.event >= 0) || m.at < t0 || m.at > t1 || drawn > 300) continue;
    const lane = run.lane[m.event], y = diagram.y[lane];
    if (lane < 0 || y < 0 || run.veiled && m.at >= run.veilFrom) continue;
    const x = axis.xEvent(run, m.event), h = { i: m.event, mark: true, x0: x, y0: y, x1: x, y1: y };
    diagram.hits.push(h);
    drawMark(run, c, h);
    drawn++;
  }
}

// drawCrosses marks lost and held messages where arrows are not drawn one by one.
function drawCrosses(run, c, lo, hi) {
  let drawn = 0, last = -9;
  for (let j = lo; j < hi && drawn < 400; j++) {
    const i = axis.shown.events[j];
    if (run.sort[i] !== LOST && run.sort[i] !== HELD || run.lane[i] < 0) continue;
    const x = axis.xEvent(run, i);
    if (x - last < 3) continue;
    cross(c, x, diagram.y[run.lane[i]] - 8, INKS.bad);
    last = x;
    drawn++;
  }
}

// cross draws ✗.
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
