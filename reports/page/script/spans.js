// @ts-check
// spans.js: a track of rows with bars, such as who leads.

/** @import { Row, Span, Track } from "./types" */

import { fill } from "./dom.js";
import { INKS, clip, halo, hatched, surface } from "./canvas.js";
import { axis } from "./axis.js";
import { run } from "./state.js";
import { diagram } from "./layout.js";
import { drawGrid, newTrack } from "./stairs.js";

// spansTrack is a track of rows with bars.
/** @param {Row[]} rows @param {string} none */
export function spansTrack(rows, none) {
  /** @type {Track} */
  const track = {
    ...newTrack(), height: rows.length * 26 + 6,
    draw(width) {
      const c = surface(track.canvas, width, track.height);
      drawGrid(c, track.height);
      rows.forEach((row, k) => drawRow(c, row, 4 + k * 26));
    },
    legendOf() { fill(track.legend); },
    read(t) {
      const said = rows.map((r) => {
        const s = r.spans.find((x) => x.from <= t && (t < x.to || x.to >= run.end));
        return `${r.name}: ${s ? s.text : none}`;
      });
      const text = said.slice(0, 4).join(" · ") + (said.length > 4 ? " …" : "");
      if (text !== track.legend.textContent) track.legend.textContent = text;
    },
  };
  return track;
}

/** @param {CanvasRenderingContext2D} c @param {Row} row @param {number} y */
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

// drawSpan draws a bar: of its inks one below the other, grey where there is none.
/** @param {CanvasRenderingContext2D} c @param {Span} s @param {number} x @param {number} y @param {number} w */
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
