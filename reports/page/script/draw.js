// @ts-check
// draw.js: draws everything that is shown.

import { $, el, every, field, fill } from "./dom.js";
import { knows } from "./data.js";
import { axis, clock, length } from "./axis.js";
import { redraw, run, view } from "./state.js";
import { diagram, layDiagram } from "./layout.js";
import { drawDiagram } from "./diagram.js";
import { tracks } from "./tracks.js";
import { drawOverview } from "./overview.js";
import { eventBefore, selected, showDetail } from "./detail.js";
import { noteLink } from "./link.js";
import { filter } from "./filter.js";

let drawn = ""; // what the canvases show, so that a moving cursor does not draw them again

export function drawAll() {
  const width = $("stage").clientWidth;
  if (!width) return;
  const now = [width, axis.even, axis.u0, axis.u1, run.veiled, run.stop, view.event, view.lane,
    document.documentElement.dataset.theme, axis.shown.events.length, filter.changes,
    tracks.map((t) => t.lines?.length).join()].join(" ");
  if (now !== drawn) {
    drawn = now;
    layDiagram(run, width);
    drawDiagram(run, width);
    layLanes();
    for (const t of tracks) t.draw(width);
    const [t0, t1] = axis.span();
    $("window").textContent = length(t1 - t0);
    const name = diagram.places.find((p) => p.event >= 0 && run.peer[p.event] >= 0);
    Object.assign($("stage").dataset, { from: t0, to: t1, shown: axis.shown.events.length, places: diagram.places.length,
      place: name ? `${name.x + name.w / 2} ${name.y + name.h / 2}` : "" });
  }
  drawOverview(run, $("strip").clientWidth, view.t);
  drawCursor(width);
  noteLink();
}

// drawCursor moves the one cursor over all views, fades what is yet to come, and hides what is veiled.
/** @param {number} width */
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

/** @param {HTMLElement} e @param {number} from @param {number} to */
function stretch(e, from, to) {
  e.style.transform = `translateX(${from}px)`;
  e.style.width = `${Math.max(0, to - from)}px`;
}

// layLanes puts a button on every lane: its node's name, and what it is at the cursor.
function layLanes() {
  const box = $("lanes"), lanes = diagram.lanes;
  if (box.children.length !== lanes.length || box.dataset.rows !== lanes.join()) {
    box.dataset.rows = lanes.join();
    fill(box, ...lanes.map((lane) => el("button", {
      type: "button", "data-lane": String(lane), "aria-pressed": String(view.lane === lane),
      onclick: () => {
        view.lane = view.lane === lane ? -1 : lane;
        view.event = -1;
        view.picked = true;
        selected();
        redraw();
      },
    }, el("b", {}, swatch(lane), run.lanes[lane].id, " ", el("em", {}, "")), el("span", {}, ""), el("span", {}, ""))));
  }
  diagram.rows.forEach((row, k) => {
    const b = /** @type {HTMLElement} */ (box.children[k]);
    b.style.top = `${row.top}px`;
    b.classList.toggle("low", row.height < 50);
    b.classList.toggle("folded", row.folded);
    b.style.height = `${diagram.narrow ? Math.min(22, row.height) : row.height}px`;
    b.style.width = diagram.narrow ? "auto" : `${axis.left - 10}px`;
  });
}

// swatch is the colour that a broker has in the charts and figures.
/** @param {number} lane */
function swatch(lane) {
  const { role, ink, round } = run.lanes[lane];
  return role === "broker" ? el("i", { class: `swatch ink-${ink}${round ? " striped" : ""}` }) : "";
}

// sayLanes says beside each name what the node is at the cursor.
function sayLanes() {
  const before = eventBefore(view.t);
  for (const b of every("#lanes button")) {
    const said = laneState(Number(b.dataset.lane), before), text = said.join("|");
    if (b.dataset.said === text) continue;
    b.dataset.said = text;
    const name = /** @type {Element} */ (b.firstElementChild);
    /** @type {Element} */ (name.lastElementChild).textContent = said[0];
    b.children[1].textContent = said[1];
    b.children[2].textContent = said[2];
    b.title = [...said, "Choose it to see what it knows"].filter(Boolean).join(", ");
  }
}

// laneState is a node's role and two lines of what it has, for the run's first topic.
/** @param {number} lane @param {number} before */
function laneState(lane, before) {
  const role = run.lanes[lane].role, main = run.main, know = (/** @type {string} */ key) => knows(run, lane, key, before);
  const band = run.d.bands.find((x) => x.lane === lane && x.from <= view.t && view.t < x.to);
  if (band?.kind === "down") return ["✗ down", "", ""];
  if (band?.kind === "paused") return ["❚❚ stands still", "", ""];
  if (role === "broker") {
    const is = know(`${main} role`), end = know(`${main} log end`), high = know(`${main} high watermark`);
    const led = band?.kind === "network" ? "✂ cut off" : is.startsWith("leader") ? "★ leads" : is ? "follows" : "";
    return [[led, know("controller") ? "controls" : ""].filter(Boolean).join(", "),
      end ? `${main} ends at ${end}` : "", end ? `high watermark ${high || "0"}` : ""];
  }
  if (role === "consumer") return ["", know("owns") ? `owns ${know("owns")}` : "", know("position") ? `reads from ${know("position")}` : ""];
  const acked = know(`${main} acknowledged below`);
  return ["", acked ? `${main}: below ${acked}` : "", acked ? "is acknowledged" : ""];
}
