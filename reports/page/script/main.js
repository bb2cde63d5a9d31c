// @ts-check
// main.js: reads the data and puts the page together.

import { $, field } from "./dom.js";
import { isInternal, newRun, unpack } from "./data.js";
import { axis } from "./axis.js";
import { onRedraw, redraw, run, setRun, showTab, view } from "./state.js";
import { buildFilters, shownEvents } from "./filter.js";
import { diagram } from "./layout.js";
import { buildTracks, tracks } from "./tracks.js";
import { listenOverview, overview } from "./overview.js";
import { buildFlags, buildStops } from "./stops.js";
import { beforeVeil, showWhole } from "./window.js";
import { selected } from "./detail.js";
import { buildStopList, sayStop } from "./steps.js";
import { noteLink, openLink } from "./link.js";
import { drawAll } from "./draw.js";
import { learnTerms, listenTerms } from "./terms.js";
import { kept, listenCopies, listenTabs, listenTheme, listenWitnesses } from "./tabs.js";
import { listenButtons, listenKeys, listenPointer, refilter } from "./input.js";

// start reads the data and shows the page.
async function start() {
  const began = performance.now();
  setRun(newRun(await unpack($("data").textContent)));
  learnTerms(run.d.terms);
  onRedraw(() => { if (view.tab === "story") drawAll(); else noteLink(); });
  diagram.canvas = /** @type {HTMLCanvasElement} */ ($("canvas"));
  overview.canvas = /** @type {HTMLCanvasElement} */ ($("strip-canvas"));
  run.main = run.d.offsets.map((o) => o.partition).find((p) => !isInternal(run, p)) || run.partitions[0] || "";
  axis.shown = shownEvents(run);
  axis.show(run, 0, run.end);
  buildStops(run);
  buildFlags(run);
  buildStopList();
  buildFilters(run, () => refilter());
  buildTracks(run);
  const { left, total, why } = run.d.folded;
  $("left").textContent = left ? `${left.toLocaleString("en")} of the ${total.toLocaleString("en")} lines of the trace are ` +
    `not in this page. ${why}` : "";
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
