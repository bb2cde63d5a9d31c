// @ts-check
// tabs.js: tabs, the theme, buttons that copy, and witnesses that jump to their event.

import { $, el, every, fill } from "./dom.js";
import { readInks } from "./canvas.js";
import { redraw, run, showTab, view } from "./state.js";
import { aroundStop } from "./window.js";
import { selected } from "./detail.js";
import { sayStop } from "./steps.js";
import { linkOf } from "./link.js";
import { drawAll } from "./draw.js";

export function listenTabs() {
  const tabs = every("[role=tab]");
  for (const tab of tabs) {
    tab.addEventListener("click", () => showTab(tab.id.slice(4)));
    tab.addEventListener("keydown", (e) => {
      const by = e.key === "ArrowRight" ? 1 : e.key === "ArrowLeft" ? -1 : 0;
      if (!by) return;
      e.preventDefault();
      e.stopPropagation();
      const next = tabs[(tabs.indexOf(tab) + by + tabs.length) % tabs.length];
      next.focus();
      showTab(next.id.slice(4));
    });
  }
}

// kept remembers a choice of the reader where the browser lets it.
/** @param {string} name @param {string} [value] */
export function kept(name, value) {
  try {
    if (value === undefined) return localStorage.getItem(`sandcastle.${name}`);
    localStorage.setItem(`sandcastle.${name}`, value);
  } catch { /* a page opened from disk may have no store */ }
  return null;
}

export function listenTheme() {
  const root = document.documentElement, dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    root.dataset.theme = kept("theme") || (dark.matches ? "dark" : "light");
    $("theme").textContent = root.dataset.theme === "dark" ? "☀ Light" : "☾ Dark";
    readInks();
    redraw();
  };
  dark.addEventListener("change", apply);
  window.addEventListener("beforeprint", () => { // on paper it is light
    root.dataset.theme = "light";
    readInks();
    drawAll();
  });
  window.addEventListener("afterprint", apply);
  $("theme").addEventListener("click", () => {
    kept("theme", root.dataset.theme === "dark" ? "light" : "dark");
    if (!kept("theme")) root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    apply();
  });
  apply();
}

// copyText puts a text on the clipboard; where that is forbidden it selects it.
/** @param {string} text @param {HTMLElement} button */
async function copyText(text, button) {
  let done = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = el("textarea", { class: "sr" });
    area.value = text;
    document.body.append(area);
    area.select();
    done = document.execCommand("copy");
    area.remove();
  }
  const before = button.dataset.label || (button.dataset.label = button.textContent);
  button.textContent = done ? "Copied" : "Select and copy it by hand";
  setTimeout(() => { button.textContent = before; }, 1500);
}

export function listenCopies() {
  for (const b of every("button[data-copy]")) {
    b.addEventListener("click", () => copyText($(b.dataset.copy || "").textContent || "", b));
  }
  $("share").addEventListener("click", () => copyText(location.href.split("#")[0] + linkOf(), $("share")));
}

// listenWitnesses lets witnesses and rows of the table of moments open their moment.
export function listenWitnesses() {
  const open = (/** @type {number} */ at, /** @type {number} */ event) => () => {
    showTab("story");
    view.event = event;
    view.lane = -1;
    view.t = at;
    aroundStop({ when: at, event });
    run.stop = run.stops.findLastIndex((s) => s.at !== undefined && s.at <= at);
    sayStop();
    selected();
    redraw();
    $("stage").scrollIntoView({ block: "nearest" });
  };
  for (const row of every("tr[data-finding]")) {
    const w = run.d.findings[Number(row.dataset.finding)]?.witnesses[Number(row.dataset.witness)];
    if (!w) continue;
    row.lastElementChild?.append(" ", el("button", { type: "button", class: "small", onclick: open(w.at, w.event) },
      "Show it"));
  }
  const byKey = new Map(run.d.moments.map((m) => [`${Math.floor(m.at / 1000)} ${m.where} ${m.what}`, m]));
  for (const row of every(".moments tbody tr")) {
    const [at, where, what] = row.children;
    const said = what.firstChild?.textContent || "";
    const m = byKey.get(`${Math.round(Number(at.textContent) * 1000)} ${where.textContent} ${said}`);
    if (!m) continue;
    const time = at.textContent;
    fill(at, el("button", { type: "button", class: "link", title: "Show this moment", onclick: open(m.at, m.event) }, time));
  }
}
