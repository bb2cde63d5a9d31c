// page_steps.js: the walk through the story: stops, the prediction, playing.

// buildStops lists the stops: the steps of the story, with the question before the deciding one and the
// answer at the end.
function buildStops(run) {
  const { moments, steps, lesson } = run.d;
  const stops = steps.map((s) => moments[s]).map((m) => ({ ...m, when: m.at, event: eventSaying(run, m) }));
  run.stop = -1;
  run.veiled = false;
  run.veilFrom = Infinity;
  if (lesson.question) {
    let deciding = Math.min(Math.max(run.d.deciding, 0), stops.length);
    while (deciding > 0 && stops[deciding - 1].tag === "silence") deciding--; // it tells what follows
    const at = stops.length ? stops[Math.min(deciding, stops.length - 1)].at : 0;
    run.veilFrom = at;
    stops.splice(deciding, 0, { ask: true, when: Math.max(0, at - 1) });
    run.ask = deciding;
    if (lesson.answer) stops.push({ answer: true, when: run.end });
  }
  run.stops = stops;
}

// eventSaying is the event that a moment tells of: of all at that time and place the one that says so.
function eventSaying(run, m) {
  if (!(m.event >= 0)) return -1;
  const said = m.what.split("; and ")[0];
  for (let i = above(run.at, m.at - 0.5); i < run.n && run.at[i] === m.at; i++) {
    if (run.lane[i] === run.lane[m.event] && shortNames(run.strings[run.text[i]]) === said) return i;
  }
  return m.event;
}

// buildFlags are the elections, rebalances and single faults that stand over all lanes.
function buildFlags(run) {
  const flags = run.d.marks.slice();
  if (!flags.some((f) => f.kind === "rebalance")) {
    for (let i = 0; i < run.n; i++) {
      if (run.strings[run.kind[i]] !== "rebalance-started") continue;
      flags.push({ at: run.at[i], kind: "rebalance", label: "rebalance", lane: run.lane[i] });
    }
  }
  run.flags = flags.sort((a, b) => a.at - b.at);
}

// unveil shows what comes after the deciding moment.
function unveil() {
  run.veiled = false;
  document.documentElement.classList.remove("veiled");
  redraw();
}

// goStop goes to a stop; past the question it unveils what follows.
function goStop(k) {
  if (!run.stops.length) return;
  k = Math.max(0, Math.min(run.stops.length - 1, k));
  if (run.veiled && k > run.ask) unveil();
  const stop = run.stops[k];
  run.stop = k;
  halt();
  view.event = stop.event >= 0 ? stop.event : -1;
  view.lane = -1;
  view.picked = false;
  view.t = stop.when;
  if (stop.ask || stop.answer) showWhole(stop.ask ? beforeVeil() : run.end); else aroundStop(stop);
  selected();
  sayStop();
  redraw();
}

// beforeVeil is up to where a window goes that shows what may be seen, and a little of the veil.
function beforeVeil() { return run.veiled ? Math.min(run.end, run.veilFrom * 1.12) : run.end; }

function showWhole(until) {
  axis.show(run, axis.even ? -1 : 0, axis.uOf(until));
}

// aroundStop chooses a window in which what happens around a stop can be told apart.
function aroundStop(stop) {
  const at = axis.shown.at, t = stop.when;
  if (stop.tag === "silence" || !(stop.event >= 0)) {
    const span = Math.min(run.end, stop.tag === "silence" ? 12e6 : 2e6);
    const [a, b] = [axis.uOf(Math.max(0, t - span * 0.25)), axis.uOf(Math.min(run.end, t + span * 0.75))];
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
  for (const wider of [1e3, 1.5e3, 2e3, 3e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7]) {
    if (span >= near * 1.8 || above(at, t + wider * 0.65) - above(at, t - wider * 0.35) > 40) break;
    span = wider;
  }
  const burst = burstAround(at, t);
  if (burst.times >= 3) {
    const need = Math.max((t - burst.from) / 0.32, (burst.to - t) / 0.6, 600);
    if (need < span || need < 4000) span = need;
  }
  axis.show(run, t - span * 0.35, t + span * 0.65);
}

// burstAround is the run of shown events around a time that follow each other within 2 ms.
function burstAround(at, t) {
  const apart = 2000, most = 60;
  let lo = above(at, t) - 1, hi = lo, times = 1;
  for (let n = 0; lo > 0 && at[lo] - at[lo - 1] <= apart && n < most; n++) times += at[lo] > at[--lo];
  for (let n = 0; hi >= 0 && hi + 1 < at.length && at[hi + 1] - at[hi] <= apart && n < most; n++) times += at[hi] < at[++hi];
  return { from: lo >= 0 ? at[lo] : t, to: hi >= 0 ? at[hi] : t, times };
}

// nearestEvents is how far from a time the n-th nearest time is at which something shown happens.
function nearestEvents(at, t, n) {
  let lo = above(at, t) - 1, hi = lo + 1, far = 0;
  for (; n > 0 && (lo >= 0 || hi < at.length); n--) {
    const before = lo >= 0 ? t - at[lo] : Infinity, after = hi < at.length ? at[hi] - t : Infinity;
    if (before <= after) lo--; else hi++;
    if (Math.min(before, after) - far < 1) n++; // as good as the same time
    else far = Math.min(before, after);
  }
  return far;
}

// sayStop writes the stop into the panel that screen readers follow.
function sayStop() {
  const stop = run.stops[run.stop], lesson = run.d.lesson, n = run.stops.length;
  $("progress").textContent = n ? run.stop < 0 ? `${n} steps` : `step ${run.stop + 1} of ${n}` : "no steps";
  const ask = run.veiled;
  document.documentElement.classList.toggle("veiled", ask);
  $("ask").hidden = !lesson.question;
  placeQuestion(ask);
  $("ask-heading").textContent = ask ? "Predict before you look" : "The question";
  $("question").textContent = ask ? "Decide what will happen, and say it aloud or write it down. Then walk up to the " +
    "deciding moment, or reveal it at once." : lesson.question;
  $("answer").hidden = ask || !lesson.answer;
  $("reveal-row").hidden = !ask;
  $("ask").classList.toggle("now", Boolean(stop?.ask && ask));
  if (!stop) {
    fill($("say"), el("p", {}, n ? "Press Next, or →, to walk through the run one step at a time. Nothing moves by " +
      "itself." : "Nothing stands out in this run. Drag in the strip to look around."));
  } else if (stop.ask) {
    fill($("say"), el("p", { class: "what" }, ask ? "Here it is decided. What happens next?"
      : "From here on it was decided."), el("p", { class: "lesson" }, lesson.question),
    ask ? el("p", { class: "note" }, "Next reveals it.") : "");
  } else if (stop.answer) {
    fill($("say"), el("p", { class: "what" }, "Compare the answer with what you predicted:"),
      el("p", { class: "lesson" }, lesson.answer), el("p", { class: "row" },
        el("button", { type: "button", onclick: () => showTab("verdict") }, "What the checks found"),
        lesson.knob ? el("button", { type: "button", onclick: () => showTab("again") }, "Change one thing") : ""));
  } else {
    fill($("say"), el("p", { class: "what" }, el("span", { class: "when" }, clock(stop.at)), " ",
      el("b", {}, stop.where), ` ${stop.what}`, " ", el("span", { class: "chip" }, stop.tag)),
    stop.say ? el("p", { class: "lesson" }, stop.say) : "");
  }
  $("prev").disabled = run.stop <= 0;
  $("next").disabled = n === 0 || run.stop === n - 1;
  for (const b of document.querySelectorAll("#stops button")) {
    b.setAttribute("aria-current", Number(b.dataset.stop) === run.stop ? "step" : "false");
    b.parentElement.hidden = ask && Number(b.dataset.stop) > run.ask;
  }
}

// placeQuestion puts the question above all while it is open, and beside the diagram, or below it where
// the page is narrow, once it is answered.
function placeQuestion(open) {
  const home = open ? $("lead") : $("side");
  if ($("ask").parentElement !== home) home.prepend($("ask"));
}

// buildStopList lists the stops to choose from.
function buildStopList() {
  fill($("stops"), ...run.stops.map((s, k) => el("li", {}, el("button", {
    type: "button", "data-stop": String(k), onclick: () => goStop(k),
  }, s.ask ? "The question" : s.answer ? "The answer" : `${clock(s.at, 3)} ${s.where} ${s.what}`))));
}

// goEvent steps to the next or the previous shown event.
function goEvent(by) {
  const s = axis.shown;
  let k = view.event >= 0 && s.rank[view.event] >= 0 ? s.rank[view.event] + by
    : by > 0 ? above(s.at, view.t) : above(s.at, view.t - 0.5) - 1;
  k = Math.max(0, Math.min(s.events.length - 1, k));
  if (!s.events.length || run.veiled && s.at[k] >= run.veilFrom) return;
  choose(s.events[k]);
  intoView(view.t);
}

// intoView moves the window so that a time is in its middle part.
function intoView(t) {
  const u = axis.uOf(t), w = axis.u1 - axis.u0;
  if (u < axis.u0 + w * 0.05 || u > axis.u1 - w * 0.12) axis.show(run, u - w * 0.35, u + w * 0.65);
  redraw();
}

// Playing moves the cursor through the window and the window with it. With reduced motion it goes from
// event to event instead.
const playing = { on: false, last: 0 };
const PLAY_SECONDS = 12; // to cross the window at speed 1

function play() {
  if (playing.on) { halt(); return; }
  playing.on = true;
  playing.last = 0;
  $("play").textContent = "❚❚ Pause";
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  requestAnimationFrame(function tick(now) {
    if (!playing.on) return;
    const passed = playing.last ? now - playing.last : 0, speed = Number($("speed").value);
    if (calm && passed < 1000 / speed && playing.last) { requestAnimationFrame(tick); return; }
    playing.last = now;
    if (calm) goEvent(1); else advance(passed / 1000 * speed);
    const limit = run.veiled ? run.veilFrom - 1 : run.end;
    if (view.t >= limit) { halt(); if (run.veiled) goStop(run.ask); return; }
    requestAnimationFrame(tick);
  });
}

function halt() {
  if (!playing.on) return;
  playing.on = false;
  $("play").textContent = "▶ Play";
}

function advance(seconds) {
  const w = axis.u1 - axis.u0, u = axis.uOf(view.t) + w / PLAY_SECONDS * seconds;
  const limit = run.veiled ? run.veilFrom - 1 : run.end;
  view.t = Math.min(limit, axis.tOf(u));
  if (u > axis.u1 - w * 0.25 || u < axis.u0) axis.show(run, u - w * 0.75, u + w * 0.25);
  const k = run.stops.findLastIndex((s) => s.at !== undefined && s.at <= view.t);
  if (k !== run.stop && k >= 0) {
    run.stop = k;
    sayStop();
  }
  view.event = -1;
  redraw();
}
