// @ts-check
// arrows.js: messages as arrows, everything else as marks on the lanes, with their names where there
// is room.

/** @import { Run, Hit, Place } from "./types" */

import { FONT, INKS, Labels, clip, cross, halo, widthOf } from "./canvas.js";
import { COMMAND, CONN, FAULT, FLUSH, FRAME, HELD, LOST, TIMER, TROUBLE } from "./data.js";
import { describe } from "./words.js";
import { axis } from "./axis.js";
import { diagram, rowOf } from "./layout.js";

// drawEvents draws the shown events lo to hi one by one.
/** @param {Run} run @param {CanvasRenderingContext2D} c @param {number} lo @param {number} hi @param {Labels} labels */
export function drawEvents(run, c, lo, hi, labels) {
  const list = [];
  for (let j = lo; j < hi; j++) list.push(axis.shown.events[j]);
  if (!axis.even) {
    const t1 = axis.span()[1];
    for (const i of axis.shown.long) {
      if (run.sent[i] <= t1 && run.at[i] > t1 && axis.shown.rank[i] >= hi) list.push(i);
    }
  }
  for (const i of list) place(run, i);
  const crowd = diagram.hits.length;
  drawLines(run, c, crowd);
  const marks = diagram.hits.filter((h) => h.mark);
  for (const h of marks) drawMark(run, c, h);
  drawNames(run, c, labels, crowd);
}

// place finds out where an event is drawn.
/** @param {Run} run @param {number} i */
function place(run, i) {
  const y1 = diagram.y[run.lane[i]], x1 = axis.xEvent(run, i);
  if (run.lane[i] < 0 || y1 === undefined || y1 < 0) return;
  if (run.sort[i] > HELD || run.peer[i] < 0 || diagram.y[run.peer[i]] < 0) {
    diagram.hits.push({ i, mark: true, x0: x1, y0: y1, x1, y1 });
    return;
  }
  const x0 = axis.xSent(run, i), y0 = diagram.y[run.peer[i]];
  /** @type {Hit} */
  const h = { i, mark: false, x0, y0, x1, y1 };
  if (y0 === y1) h.bow = Math.min((rowOf(run.lane[i])?.height || 0) * 0.42, 10 + (x1 - x0) * 0.2); // to itself
  if (run.sort[i] !== FRAME) { // it ends on its way
    const part = Math.min(0.62, 70 / Math.max(1, x1 - x0));
    h.x1 = x0 + (x1 - x0) * part;
    h.y1 = y0 + (y1 - y0) * 0.62;
    h.stopped = true;
  }
  diagram.hits.push(h);
}

// drawLines draws arrows of one look together.
/** @param {Run} run @param {CanvasRenderingContext2D} c @param {number} crowd */
function drawLines(run, c, crowd) {
  const paths = new Map();
  for (const h of diagram.hits) {
    if (h.mark) continue;
    const i = h.i, chosen = diagram.path.has(i);
    const key = h.stopped ? "stopped" : (chosen ? "chosen" : "") + run.family[i] + (run.reply[i] ? "r" : "");
    if (!paths.has(key)) paths.set(key, []);
    paths.get(key).push(h);
  }
  const heads = crowd < 420, width = crowd > 300 ? 1 : 1.5;
  for (const [key, hits] of paths) {
    const chosen = key.startsWith("chosen"), stopped = key === "stopped";
    const reply = key.endsWith("r"), family = run.families[Number(key.replace(/\D/g, ""))];
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

// head draws an arrow's head: full for a request, open for an answer.
/** @param {CanvasRenderingContext2D} c @param {Hit} h @param {boolean} open @param {number} size */
export function head(c, h, open, size) {
  const a = h.bow ? Math.atan2(2 * h.bow, (h.x1 - h.x0) / 2) : Math.atan2(h.y1 - h.y0, h.x1 - h.x0);
  const p = (/** @type {number} */ turn) => [h.x1 - size * Math.cos(a + turn), h.y1 - size * Math.sin(a + turn)];
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

// drawMark draws what happens inside a node.
/** @param {Run} run @param {CanvasRenderingContext2D} c @param {Hit} h */
export function drawMark(run, c, h) {
  const { i, x1: x, y1: y } = h, sort = run.sort[i], chosen = diagram.path.has(i);
  c.lineWidth = 1.5;
  c.strokeStyle = c.fillStyle = INKS.dim;
  c.beginPath();
  switch (sort) {
    case TIMER: // a small clock
      c.arc(x, y, 4, 0, 7);
      c.moveTo(x, y - 2.5);
      c.lineTo(x, y);
      c.lineTo(x + 2, y);
      c.stroke();
      break;
    case FLUSH: // a disk
      c.fillRect(x - 3.5, y - 3.5, 7, 7);
      break;
    case CONN:
      c.arc(x, y, 3.5, 0, 7);
      c.stroke();
      if (run.strings[run.kind[i]] === "conn-closed") {
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
      c.fillStyle = run.strings[run.kind[i]] === "heal" ? INKS.ok : INKS.bad;
      c.fill();
      break;
    default: // a diamond: the node learns or becomes something
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

// drawNames writes what arrows and marks are, the chosen and the weightier first, where nothing is in
// the way.
/** @param {Run} run @param {CanvasRenderingContext2D} c @param {Labels} labels @param {number} crowd */
function drawNames(run, c, labels, crowd) {
  c.font = FONT;
  c.textAlign = "left";
  const right = axis.left + axis.width;
  if (diagram.narrow) for (const row of diagram.rows) labels.free(0, row.top, 120, 20);
  for (const h of diagram.hits) if (h.mark && run.sort[h.i] >= COMMAND) labels.free(h.x1 - 6, h.y1 - 5, 12, 10);
  const rank = (/** @type {Hit} */ h) => diagram.path.has(h.i) ? 0 : h.stopped || run.trouble[h.i] ? 1
    : h.mark ? (run.sort[h.i] === COMMAND ? 4 : run.sort[h.i] > COMMAND ? 2 : 6) : run.reply[h.i] ? 5 : 3;
  const order = diagram.hits.slice().sort((a, b) => rank(a) - rank(b) || a.i - b.i);
  let tried = 0;
  for (const h of order) {
    const name = nameOf(run, h, crowd);
    if (!name || tried++ > 500 || run.veiled && run.at[h.i] >= run.veilFrom) continue;
    const ink = h.stopped || run.trouble[h.i] ? INKS.bad : h.mark ? INKS.text : INKS[run.families[run.family[h.i]].ink];
    if (h.mark) {
      const text = clip(c, name, 300), w = widthOf(c, text);
      const x = h.x1 + 9 + w > right ? h.x1 - 9 - w : h.x1 + 9;
      for (const dy of [-11, 12, -24, 25]) {
        if (x < axis.left || !labels.free(x, h.y1 + dy - 6, w + 4, 12)) continue;
        halo(c, text, x, h.y1 + dy, ink);
        diagram.places.push({ x, y: h.y1 + dy - 7, w, h: 14, event: h.i });
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

// nameOf is what is written beside an arrow or a mark, "" for nothing.
/** @param {Run} run @param {Hit} h @param {number} crowd */
function nameOf(run, h, crowd) {
  const i = h.i, api = run.strings[run.api[i]], text = run.strings[run.text[i]];
  if (h.mark && run.sort[i] === COMMAND) return text.replace(/^send .*?value="([^"]*)".*$/, 'send "$1"');
  if (h.mark && run.sort[i] === FAULT && run.flags.some((f) => f.at === run.at[i])) return ""; // its flag says it
  if (h.mark) return run.sort[i] >= COMMAND ? describe(run, i) : "";
  if (h.stopped) return `${run.sort[i] === LOST ? "lost" : "held"}: ${api}${run.reply[i] ? " (answer)" : ""}`;
  if (run.trouble[i]) return text.match(TROUBLE)?.[0] || "";
  if (run.reply[i] && crowd > 60) return "";
  const records = api === "Produce" && text.match(/"[^"]{1,12}"/);
  const tail = run.reply[i] ? (text.match(/offset \d+/) || [""])[0] : "";
  return [run.reply[i] ? "answer" : api, records && !run.reply[i] ? records[0] : tail].filter(Boolean).join(" ");
}

// placeAt is what is written at a point, null if nothing is.
/** @param {number} x @param {number} y @returns {Place | null} */
export function placeAt(x, y) {
  const near = 2;
  return diagram.places.findLast((p) => x >= p.x - near && x <= p.x + p.w + near && y >= p.y - near && y <= p.y + p.h + near) ||
    null;
}

// chosenAt is what a click at a point chooses: what is written there, or else what is drawn closest.
/** @param {number} x @param {number} y @returns {Place | null} */
export function chosenAt(x, y) {
  const place = placeAt(x, y);
  if (place && (place.event >= 0 || place.stop !== undefined)) return place;
  const hit = nearest(x, y);
  return hit && { x, y, w: 0, h: 0, event: hit.i };
}

// nearest is what is drawn closest to a point, null if nothing is near.
/** @param {number} x @param {number} y */
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
