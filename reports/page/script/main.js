// page_main.js: puts the page together: what is drawn when, and what keys and pointers do.

let run = null;
let pending = false;

// redraw draws everything once before the next frame.
function redraw() {
  if (pending || !run) return;
  pending = true;
  requestAnimationFrame(() => {
    pending = false;
    if (view.tab === "story") drawAll();
  });
}

let drawn = ""; // what the canvases show, so that a moving cursor does not draw them again

function drawAll() {
  const width = $("stage").clientWidth;
  if (!width) return;
  const now = [width, axis.even, axis.u0, axis.u1, run.veiled, run.stop, view.event,
    document.documentElement.dataset.theme, axis.shown.events.length, filterCount,
    tracks.map((t) => t.lines?.length).join()].join(" ");
  if (now !== drawn) {
    drawn = now;
    layDiagram(run, width);
    drawDiagram(run, width);
    layLanes();
    for (const t of tracks) t.draw(run, width);
    const [t0, t1] = axis.span();
    $("window").textContent = length(t1 - t0);
    Object.assign($("stage").dataset, { from: t0, to: t1, shown: axis.shown.events.length });
  }
  drawOverview(run, $("strip").clientWidth, view.t);
  drawCursor(width);
  noteLink();
}

// drawCursor moves the one cursor over all views, fades what is yet to come, and hides what is veiled.
function drawCursor(width) {
  const x = view.event >= 0 ? axis.xEvent(run, view.event) : axis.xOf(view.t), left = axis.left, right = axis.left + axis.width;
  const stage = $("stage"), cursor = $("cursor"), inside = x >= left - 1 && x <= right + 1;
  cursor.hidden = !inside;
  cursor.style.transform = `translateX(${x - 1}px)`;
  $("cursor-time").textContent = clock(view.t);
  $("cursor-time").className = x > right - 100 ? "before" : "";
  const top = diagram.canvas.parentElement.offsetTop;
  $("fade").style.top = cursor.style.top = `${top + 43}px`;
  $("veil").style.top = `${top}px`;
  $("fade").hidden = view.event >= 0 || view.t === 0;
  stretch($("fade"), Math.max(left, Math.min(right, x)), right);
  const veil = run.veiled ? Math.max(left, axis.xOf(run.veilFrom)) : right;
  $("veil").hidden = veil >= right;
  stretch($("veil"), veil, width);
  $("clock").textContent = clock(view.t);
  const scrubber = $("scrub");
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

// layLanes puts a button on every lane: its node's name, and what it is at the cursor.
function layLanes() {
  const box = $("lanes"), rows = diagram.lanes;
  if (box.children.length !== rows.length || box.dataset.rows !== rows.join()) {
    box.dataset.rows = rows.join();
    fill(box, ...rows.map((lane) => el("button", {
      type: "button", "data-lane": String(lane), "aria-pressed": String(view.lane === lane),
      onclick: () => {
        view.lane = view.lane === lane ? -1 : lane;
        view.event = -1;
        view.picked = true;
        selected();
        redraw();
      },
    }, el("b", {}, run.lanes[lane].id, " ", el("em", {}, "")), el("span", {}, ""), el("span", {}, ""))));
  }
  rows.forEach((lane, k) => {
    const b = box.children[k];
    b.style.top = `${diagram.top + k * diagram.rowHeight}px`;
    b.classList.toggle("low", diagram.rowHeight < 50);
    b.style.height = `${diagram.narrow ? 22 : diagram.rowHeight}px`;
    b.style.width = diagram.narrow ? "auto" : `${axis.left - 10}px`;
  });
}

// sayLanes says beside each name what the node is at the cursor.
function sayLanes() {
  const before = eventBefore(view.t);
  for (const b of $("lanes").children) {
    const said = laneState(Number(b.dataset.lane), before), text = said.join("|");
    if (b.dataset.said === text) continue;
    b.dataset.said = text;
    b.firstElementChild.lastElementChild.textContent = said[0];
    b.children[1].textContent = said[1];
    b.children[2].textContent = said[2];
    b.title = said.filter(Boolean).join(", ");
  }
}

// laneState is a node's role and two lines of what it has, for the run's first topic.
function laneState(lane, before) {
  const role = run.lanes[lane].role, main = run.main, know = (key) => knows(run, lane, key, before);
  const band = run.d.bands.find((x) => x.lane === lane && x.from <= view.t && view.t < x.to);
  if (band?.kind === "down") return ["✗ down", "", ""];
  if (band?.kind === "paused") return ["❚❚ stands still", "", ""];
  if (role === "broker") {
    const is = know(`${main} role`), end = know(`${main} log end`), high = know(`${main} high watermark`);
    const led = is.startsWith("leader") ? "★ leads" : is ? "follows" : "";
    return [[led, know("controller") ? "controls" : ""].filter(Boolean).join(", "),
      end ? `${main} ends at ${end}` : "", end ? `high watermark ${high || "0"}` : ""];
  }
  if (role === "consumer") return ["", know("owns") ? `owns ${know("owns")}` : "", know("position") ? `reads from ${know("position")}` : ""];
  const acked = know(`${main} acknowledged below`);
  return ["", acked ? `${main}: below ${acked}` : "", acked ? "is acknowledged" : ""];
}

// scrub moves the cursor to a time.
function scrub(t, follow) {
  halt();
  const limit = run.veiled ? run.veilFrom - 1 : run.end;
  view.t = Math.max(0, Math.min(limit, t));
  if (view.event >= 0) {
    view.event = -1;
    selected();
  }
  const k = run.stops.findLastIndex((s) => s.at !== undefined && s.at <= view.t);
  if (k !== run.stop) {
    run.stop = k;
    sayStop();
  }
  if (follow) intoView(view.t);
  redraw();
}

// zoom makes the window narrower or wider around a place.
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

let filterCount = 0;
// refilter shows what the filter lets pass, around the same time.
function refilter(changed = true) {
  const [t0, t1] = axis.span();
  filterCount++;
  if (changed) axis.shown = shownEvents(run);
  axis.show(run, axis.uOf(t0), axis.uOf(t1));
  const n = axis.shown.events.length;
  $("count").textContent = `${n.toLocaleString("en")} of ${run.n.toLocaleString("en")} events shown.`;
  redraw();
}

function listenPointer() {
  const canvas = diagram.canvas, points = new Map();
  let from = null, moved = false, spread = 0;
  const at = (e) => { const b = canvas.getBoundingClientRect(); return [e.clientX - b.left, e.clientY - b.top]; };
  canvas.addEventListener("pointerdown", (e) => {
    points.set(e.pointerId, e.clientX);
    canvas.setPointerCapture(e.pointerId);
    from = { x: e.clientX, u0: axis.u0, u1: axis.u1, axis: at(e)[1] < 42 };
    moved = false;
    spread = 0;
  });
  canvas.addEventListener("pointermove", (e) => {
    const [x, y] = at(e);
    if (!points.has(e.pointerId)) { showTip(x, y, e.clientX, e.clientY); return; }
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
    if (from.axis) { scrub(axis.tOf(axis.atX(x)), false); return; }
    const by = (from.x - e.clientX) / axis.width * (from.u1 - from.u0);
    axis.show(run, from.u0 + by, from.u1 + by);
    redraw();
  });
  const up = (e) => {
    points.delete(e.pointerId);
    if (moved || e.type !== "pointerup") return;
    const [x, y] = at(e), hit = nearest(run, x, y);
    if (run.veiled && axis.tOf(axis.atX(x)) >= run.veilFrom) return;
    if (hit) choose(hit.i); else scrub(axis.tOf(axis.atX(x)), false);
  };
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  canvas.addEventListener("pointerleave", () => { $("tip").hidden = true; });
  canvas.addEventListener("dblclick", (e) => zoom(0.25, at(e)[0]));
  canvas.addEventListener("wheel", (e) => {
    if (e.ctrlKey || e.metaKey) zoom(Math.exp(e.deltaY * 0.004), at(e)[0]);
    else if (e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY)) pan((e.deltaX || e.deltaY) / axis.width);
    else return;
    e.preventDefault();
  }, { passive: false });
}

const KEYS = {
  " ": () => goStop(run.stop + 1), ArrowRight: () => goStop(run.stop + 1), PageDown: () => goStop(run.stop + 1),
  ".": () => goStop(run.stop + 1), ArrowLeft: () => goStop(run.stop - 1), PageUp: () => goStop(run.stop - 1),
  Home: () => goStop(0), End: () => goStop(run.stops.length - 1), p: play, "]": () => goEvent(1),
  "[": () => goEvent(-1), "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2),
  Escape: () => { view.event = view.lane = -1; selected(); redraw(); }, 0: () => showEverything(), a: () => pan(-0.3), d: () => pan(0.3), r: () => reveal(),
};

function listenKeys() {
  document.addEventListener("keydown", (e) => {
    const typing = e.target.closest("input, select, textarea, [role=tab]");
    const pressing = e.target.closest("button, summary, a") && (e.key === " " || e.key === "Enter");
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

// reveal shows the deciding moment and what follows.
function reveal() {
  if (run.veiled) goStop(run.ask + 1);
}

// openAll is for a reader who wants no game.
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
  for (const b of document.querySelectorAll(".unveil")) b.addEventListener("click", openAll);
  for (const b of document.querySelectorAll("[data-opens]")) {
    b.addEventListener("click", () => {
      const panel = $(b.dataset.opens);
      panel.hidden = !panel.hidden;
      b.setAttribute("aria-expanded", String(!panel.hidden));
    });
  }
  $("even").addEventListener("change", () => {
    const [t0, t1] = axis.span();
    axis.even = $("even").checked;
    if (axis.even && t1 - t0 < run.end * 0.9) {
      const u = axis.uOf(view.t);
      axis.show(run, u - 9, u + 22);
    } else axis.show(run, axis.uOf(t0), axis.uOf(t1));
    redraw();
  });
  $("scrub").addEventListener("input", () => scrub(Number($("scrub").value), true));
  $("always").addEventListener("change", () => kept("veil", $("always").checked ? "never" : ""));
}

// start reads the data and shows the page.
async function start() {
  const began = performance.now();
  run = newRun(await unpack($("data").textContent));
  diagram.canvas = $("canvas");
  overview.canvas = $("strip-canvas");
  run.main = run.d.offsets.map((o) => o.partition).find((p) => !isInternal(p)) || run.partitions[0] || "";
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
  $("scrub").max = String(Math.ceil(run.end));
  $("answer").textContent = run.d.lesson.answer;
  listenTheme();
  listenTabs();
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
