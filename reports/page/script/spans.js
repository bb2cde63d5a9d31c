// @ts-check
// spans.js: a track of rows with bars, such as who leads.

/** @import { Row, Track } from "./types" */

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
  c.restore();
}
