// @ts-check
// steps.js: the walk through the story, one stop or one event at a time.

import { $, el, every, field, fill } from "./dom.js";
import { above } from "./columns.js";
import { axis, clock } from "./axis.js";
import { halt, redraw, run, showTab, view } from "./state.js";
import { aroundStop, beforeVeil, intoView, showWhole } from "./window.js";
import { choose, selected } from "./detail.js";
import { marked } from "./terms.js";

// unveil shows what comes after the deciding moment.
export function unveil() {
  run.veiled = false;
  document.documentElement.classList.remove("veiled");
  redraw();
}

// goStop goes to a stop; past the question it unveils what follows.
/** @param {number} k */
export function goStop(k) {
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
  if (stop.ask || stop.answer) showWhole(stop.ask ? beforeVeil() : run.end); else aroundStop(stop);
  selected();
  sayStop();
  redraw();
}

// sayStop writes the stop into the panel that screen readers follow.
export function sayStop() {
  const stop = run.stops[run.stop], lesson = run.d.lesson, n = run.stops.length;
  $("progress").textContent = n ? run.stop < 0 ? `${n} steps` : `step ${run.stop + 1} of ${n}` : "no steps";
  const ask = run.veiled;
  document.documentElement.classList.toggle("veiled", ask);
  $("ask").hidden = !lesson.question;
  placeQuestion(ask);
  $("ask-heading").textContent = ask ? "Predict before you look" : "The question";
  $("question").textContent = ask ? (lesson.choices.length ? "Choose an answer. " : "Decide what will happen, and say " +
    "it aloud or write it down. ") + "Then walk up to the deciding moment, or reveal it at once." : lesson.question;
  sayChoices(ask);
  $("answer").hidden = ask || !lesson.answer;
  $("reveal-row").hidden = !ask;
  $("ask").classList.toggle("now", Boolean(stop?.ask && ask));
  if (!stop) {
    fill($("say"), ...lesson.why.map((text) => el("p", { class: "situation" }, ...marked(text))),
      el("p", {}, !n ? "Nothing stands out in this run. Drag in the strip to look around."
        : "Next, or →, goes through the run step by step. Nothing moves by itself."));
  } else if (stop.ask) {
    fill($("say"), el("p", { class: "what" }, ask ? "Here it is decided. What happens next?"
      : "From here on it was decided."), el("p", { class: "lesson" }, ...marked(lesson.question)),
    ask ? el("p", { class: "note" }, "Next reveals it.") : "");
  } else if (stop.answer) {
    fill($("say"), el("p", { class: "what" }, "Compare the answer with what you predicted:"),
      el("p", { class: "lesson" }, ...marked(lesson.answer)), el("p", { class: "row" },
        el("button", { type: "button", onclick: () => showTab("verdict") }, "What the checks found"),
        lesson.knob ? el("button", { type: "button", onclick: () => showTab("again") }, "Change one thing") : "",
        lesson.next?.href ? el("a", { href: lesson.next.href }, `Next lesson: ${lesson.next.name}`) : ""));
  } else {
    fill($("say"), el("p", { class: "what" }, el("span", { class: "when" }, clock(stop.when)), " ",
      el("b", {}, stop.where || ""), ` ${stop.what}`, " ", el("span", { class: "chip" }, stop.tag || "")),
    stop.say ? el("p", { class: "lesson" }, ...marked(stop.say)) : "");
  }
  field("prev").disabled = run.stop <= 0;
  field("next").disabled = n === 0 || run.stop === n - 1;
  for (const b of every("#stops button")) {
    b.setAttribute("aria-current", Number(b.dataset.stop) === run.stop ? "step" : "false");
    /** @type {HTMLElement} */ (b.parentElement).hidden = ask && Number(b.dataset.stop) > run.ask;
  }
}

// sayChoices shows the answers to choose from; once the answer is shown, it marks the right one.
/** @param {boolean} open */
function sayChoices(open) {
  const choices = run.d.lesson.choices;
  $("choices").hidden = choices.length === 0;
  fill($("choices"), ...choices.map((c, k) => el("button", {
    type: "button", "aria-pressed": String(k === run.chosen), disabled: open ? undefined : "",
    class: open ? "" : c.right ? "right" : k === run.chosen ? "wrong" : "",
    onclick: () => {
      run.chosen = k;
      sayChoices(open);
      /** @type {HTMLElement} */ ($("choices").children[k]).focus();
    },
  }, c.text + (open ? "" : c.right ? " ✓" : k === run.chosen ? " ✗" : ""))));
}

// placeQuestion puts the question above all while it is open, and beside the diagram, or below it where
// the page is narrow, once it is answered.
/** @param {boolean} open */
function placeQuestion(open) {
  const home = open ? $("lead") : $("side");
  if ($("ask").parentElement !== home) home.prepend($("ask"));
}

// buildStopList lists the stops to choose from.
export function buildStopList() {
  fill($("stops"), ...run.stops.map((s, k) => el("li", {}, el("button", {
    type: "button", "data-stop": String(k), onclick: () => goStop(k),
  }, s.ask ? "The question" : s.answer ? "The answer" : `${clock(s.when, 3)} ${s.where} ${s.what}`))));
}

// goEvent steps to the next or the previous shown event.
/** @param {number} by */
export function goEvent(by) {
  const s = axis.shown;
  let k = view.event >= 0 && s.rank[view.event] >= 0 ? s.rank[view.event] + by
    : by > 0 ? above(s.at, view.t) : above(s.at, view.t - 0.5) - 1;
  k = Math.max(0, Math.min(s.events.length - 1, k));
  if (!s.events.length || run.veiled && s.at[k] >= run.veilFrom) return;
  choose(s.events[k]);
  intoView(view.t);
}

// scrub moves the cursor to a time.
/** @param {number} t @param {boolean} follow */
export function scrub(t, follow) {
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
