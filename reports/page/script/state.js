// @ts-check
// state.js: what the page shows now, and what all of it needs to show something else.

/** @import { Run } from "./types" */

import { $, every } from "./dom.js";

// view is what is shown: the time of the cursor, what is chosen, and the tab.
export const view = { t: 0, event: -1, lane: -1, picked: false, tab: "story" };

// run is the run that the page shows. There is none before setRun.
/** @type {Run} */
export let run;

/** @param {Run} r */
export function setRun(r) { run = r; }

let draw = () => {};
let pending = false;

// onRedraw says what draws the page.
/** @param {() => void} f */
export function onRedraw(f) { draw = f; }

// redraw draws everything once before the next frame.
export function redraw() {
  if (pending || !run) return;
  pending = true;
  requestAnimationFrame(() => {
    pending = false;
    draw();
  });
}

/** @param {string} name */
export function showTab(name) {
  view.tab = name;
  for (const tab of every("[role=tab]")) {
    const on = tab.id === `tab-${name}`;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
  }
  for (const panel of every("[data-tab]")) {
    panel.classList.toggle("on", panel.dataset.tab === name);
  }
  redraw();
}

// Playing moves the cursor through the window and the window with it. With reduced motion it goes from
// event to event instead.
export const playing = { on: false, last: 0 };

export function halt() {
  if (!playing.on) return;
  playing.on = false;
  $("play").textContent = "▶ Play";
}
